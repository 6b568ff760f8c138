package org.imbrex.host;

import java.util.List;
import org.imbrex.runtime.device.Devices;
import org.imbrex.runtime.host.ReferenceBackend;
import org.imbrex.runtime.host.VectorBackend;
import org.imbrex.runtime.opencl.OpenClBackend;

/** The one registry of backends, in order of preference. */
final class Backends {
    private Backends() {}

    static Devices devices() {
        int threads = Runtime.getRuntime().availableProcessors();
        return new Devices(List.of(new VectorBackend(threads), new OpenClBackend(), new ReferenceBackend(threads)));
    }
}
