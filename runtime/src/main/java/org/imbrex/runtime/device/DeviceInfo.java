package org.imbrex.runtime.device;

/**
 * What a device is and can do.
 *
 * @param id what {@code --device} takes: {@code vector}, {@code reference}, {@code opencl:0}
 * @param backend the backend's name
 * @param name the hardware's name
 * @param driver name and version of platform and driver, or of the JVM
 * @param hostCpu whether it computes on this machine's own cores
 * @param units compute units or threads
 * @param memoryBytes what it can hold
 * @param allocationBytes the largest single buffer
 * @param cacheBytes the cache that a tile should fit in, 0 where unknown
 * @param fp64 whether it computes in float64
 * @param exact whether divide and square root are correctly rounded and fma is true, in every type it has
 */
public record DeviceInfo(
        String id,
        String backend,
        String name,
        String driver,
        boolean hostCpu,
        int units,
        long memoryBytes,
        long allocationBytes,
        long cacheBytes,
        boolean fp64,
        boolean exact) {}
