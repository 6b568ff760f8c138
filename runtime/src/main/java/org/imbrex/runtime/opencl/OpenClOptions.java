package org.imbrex.runtime.opencl;

import java.nio.file.Path;
import java.util.Optional;
import org.imbrex.kernels.opencl.OpenClTarget;
import org.imbrex.kernels.opencl.OpenClTarget.Style;

/**
 * How a device is driven.
 *
 * @param target what kernels are made for
 * @param inPlace whether kernels may work on host memory where it lies, if a trial shows that the device does
 * @param cache where compiled programs are kept, if anywhere
 * @param before called before each OpenCL call
 */
record OpenClOptions(OpenClTarget target, boolean inPlace, Optional<Path> cache, Calls.Before before) {
    private static final int GROUP_ITEMS = 256;
    private static final int LEAST_VECTOR_BYTES = 16;

    static OpenClOptions usual(DeviceFacts facts) {
        int group = (int) Math.min(GROUP_ITEMS, Long.highestOneBit(facts.groupItems()));
        OpenClTarget target = new OpenClTarget(
                facts.isCpu() ? Style.LOOPS : Style.ITEMS, facts.units(), group, facts.argumentBytes(),
                Math.max(LEAST_VECTOR_BYTES, facts.vectorBytes()), facts.localBytes(), true);
        // PoCL keeps its own cache on disk, by the source; taking a binary from it compiles every kernel once more
        boolean keepsOwn = facts.platform().startsWith("Portable Computing Language");
        return new OpenClOptions(
                target, facts.isCpu(), keepsOwn ? Optional.empty() : BinaryCache.folder(), kind -> {});
    }

    OpenClOptions withTarget(Style style, boolean specialise) {
        return new OpenClOptions(
                new OpenClTarget(
                        style, target.units(), target.groupItems(), target.argumentBytes(), target.vectorBytes(),
                        target.localBytes(), specialise),
                inPlace,
                cache,
                before);
    }

    /** As if the device had such groups, vectors and local memory. */
    OpenClOptions withLimits(int groupItems, int vectorBytes, long localBytes) {
        return new OpenClOptions(
                new OpenClTarget(
                        target.style(), target.units(), groupItems, target.argumentBytes(), vectorBytes, localBytes,
                        target.specialise()),
                inPlace,
                cache,
                before);
    }

    OpenClOptions withInPlace(boolean allowed) {
        return new OpenClOptions(target, allowed, cache, before);
    }

    OpenClOptions withCache(Optional<Path> folder) {
        return new OpenClOptions(target, inPlace, folder, before);
    }

    OpenClOptions withBefore(Calls.Before calls) {
        return new OpenClOptions(target, inPlace, cache, calls);
    }
}
