/** Where it is computed: devices, memory, tiles, scheduling, merge, tracing. Knows no file format and no socket. */
module org.imbrex.runtime {
    requires transitive org.imbrex.kernels;
    requires jocl;
    requires jdk.jfr;

    exports org.imbrex.runtime.device;
    exports org.imbrex.runtime.schedule;
    exports org.imbrex.runtime.trace;
    exports org.imbrex.runtime.host to
            org.imbrex.host;
    exports org.imbrex.runtime.opencl to
            org.imbrex.host;
    exports org.imbrex.runtime.tune to
            org.imbrex.host;
    exports org.imbrex.runtime.tornado to
            org.imbrex.host;
    exports org.imbrex.runtime.tile to
            org.imbrex.host;
    exports org.imbrex.runtime.memory to
            org.imbrex.host;
}
