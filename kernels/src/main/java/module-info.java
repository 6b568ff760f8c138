/** What is computed: expressions, their rules and their lowerings. Knows no device, no file, no socket. */
module org.imbrex.kernels {
    requires jdk.incubator.vector;
    requires jdk.management;

    exports org.imbrex.kernels.type;
    exports org.imbrex.kernels.expr;
    exports org.imbrex.kernels.parse;
    exports org.imbrex.kernels.typing to
            org.imbrex.runtime,
            org.imbrex.host;
    exports org.imbrex.kernels.fuse to
            org.imbrex.runtime,
            org.imbrex.host;
    exports org.imbrex.kernels.math to
            org.imbrex.runtime,
            org.imbrex.host;
    exports org.imbrex.kernels.scalar to
            org.imbrex.runtime,
            org.imbrex.host;
    exports org.imbrex.kernels.element to
            org.imbrex.runtime,
            org.imbrex.host;
    exports org.imbrex.kernels.stage to
            org.imbrex.runtime,
            org.imbrex.host;
    exports org.imbrex.kernels.lower to
            org.imbrex.runtime,
            org.imbrex.host;
    exports org.imbrex.kernels.matmul to
            org.imbrex.runtime;
    exports org.imbrex.kernels.opencl to
            org.imbrex.runtime;
    exports org.imbrex.kernels.tornado to
            org.imbrex.runtime;
}
