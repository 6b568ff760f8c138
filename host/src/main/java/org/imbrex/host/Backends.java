package org.imbrex.host;

import java.util.ArrayList;
import java.util.List;
import org.imbrex.runtime.device.Backend;
import org.imbrex.runtime.device.Devices;
import org.imbrex.runtime.device.Tunings;
import org.imbrex.runtime.host.ReferenceBackend;
import org.imbrex.runtime.host.VectorBackend;
import org.imbrex.runtime.opencl.OpenClBackend;
import org.imbrex.runtime.tornado.TornadoBackend;
import org.imbrex.runtime.tune.TuningFiles;

/** The one registry of backends, in order of preference. */
final class Backends {
    private Backends() {}

    /** @param more backends that are used only by name */
    static Devices devices(int threads, Backend... more) {
        return devices(threads, TuningFiles.ofUser(), more);
    }

    /** @param tunings what has been measured */
    static Devices devices(int threads, Tunings tunings, Backend... more) {
        List<Backend> all = new ArrayList<>(
                List.of(
                new VectorBackend(threads, tunings), new OpenClBackend(tunings), new TornadoBackend(), new ReferenceBackend(threads)));
        all.addAll(List.of(more));
        return new Devices(all);
    }
}
