package org.imbrex.host.node;

import org.imbrex.host.node.wire.Decoder;
import org.imbrex.host.node.wire.WireException;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.TileKernel.Place;

/** What a node tells with a tile's result: where it was computed, and for how long. */
record Computed(Place place, long kernelNanos) {

    /**
     * From a RESULT's fields.
     *
     * @param node the name of the node, which says all but that itself
     * @param nanos how long the whole took: the kernel no longer
     * @throws DeviceException where they are something else
     */
    static Computed decode(String node, byte[] fields, long nanos) {
        try {
            Decoder from = new Decoder(fields);
            Place place = new Place(node + "/" + from.text(), from.text(), from.text(), from.text());
            return new Computed(place, Math.clamp(from.i64(), 0, nanos));
        } catch (WireException e) {
            throw new DeviceException(DeviceException.Kind.FAILED, node + ": " + e.getMessage(), e);
        }
    }
}
