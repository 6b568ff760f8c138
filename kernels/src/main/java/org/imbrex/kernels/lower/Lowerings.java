package org.imbrex.kernels.lower;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.imbrex.kernels.line.LineReference;
import org.imbrex.kernels.line.LineVector;
import org.imbrex.kernels.loop.Loops;
import org.imbrex.kernels.loop.Meeting;
import org.imbrex.kernels.map.MapOpenCl;
import org.imbrex.kernels.map.MapReference;
import org.imbrex.kernels.map.MapTornado;
import org.imbrex.kernels.map.MapVector;
import org.imbrex.kernels.matmul.MatMulOpenCl;
import org.imbrex.kernels.matmul.MatMulReference;
import org.imbrex.kernels.matmul.MatMulTornado;
import org.imbrex.kernels.matmul.MatMulVector;
import org.imbrex.kernels.matmul.ProductBlocks;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.opencl.OpenClLowering;
import org.imbrex.kernels.opencl.OpenClTarget;
import org.imbrex.kernels.reduce.ReduceOpenCl;
import org.imbrex.kernels.reduce.ReduceReference;
import org.imbrex.kernels.reduce.ReduceTornado;
import org.imbrex.kernels.reduce.ReduceVector;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.step.StepOpenCl;
import org.imbrex.kernels.step.StepReference;
import org.imbrex.kernels.step.StepVector;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.tornado.TornadoKernel;
import org.imbrex.kernels.tornado.TornadoLowering;
import org.imbrex.kernels.tornado.TornadoTypes;
import org.imbrex.kernels.type.DType;

/** Lowers stages to code that runs in this process, or to source for devices. */
public final class Lowerings {
    /** Ways of a first-level cache where nothing tells. */
    public static final int USUAL_WAYS = Meeting.USUAL_WAYS;

    private Lowerings() {}

    /** The oracle: plain scalar Java that walks every index. */
    public static Lowering reference(Stage stage) {
        HostKernel kernel = switch (stage) {
            case MapStage map -> new MapReference(map);
            case ReduceStage reduce -> new ReduceReference(reduce);
            case MatMulStage product -> new MatMulReference(product);
            case IterateStage iterate -> new StepReference(iterate);
            case LineStage lines -> new LineReference(lines);
        };
        return new Lowering(kernel, hash("reference", stage));
    }

    /** Compiled loops, of the Vector API where vectors help. */
    public static Lowering vector(Stage stage) {
        return vector(stage, Loops.SHARED);
    }

    /**
     * The same for a processor.
     *
     * @param blocks how products are cut
     * @param ways of its first-level cache
     */
    public static Lowering vector(Stage stage, ProductBlocks blocks, int ways) {
        return vector(stage, Loops.SHARED, blocks, ways);
    }

    /** The width of a vector in bits; below 128 there is no vector unit, and loops are scalar. */
    public static int vectorBits() {
        return Loops.vectorBits();
    }

    /** Returns when the vector loops that are due are compiled: what is measured before shows scalar code. */
    public static void awaitCompiled() throws InterruptedException {
        Loops.awaitCompiled();
    }

    /** How many vector loops of this process run as scalar code for good, as the JIT made no fast code of them. */
    public static int loopsThatStayScalar() {
        return Loops.stayScalar();
    }

    /**
     * OpenCL C for a device; building and launching it is the device's business.
     *
     * @throws IllegalArgumentException for a {@link LineStage}: there is none
     */
    public static OpenClLowering openCl(Stage stage, OpenClTarget target) {
        return switch (stage) {
            case MapStage map -> {
                MapOpenCl lowered = new MapOpenCl(map, target);
                yield openCl(lowered.source(), lowered.fp64(), lowered.argumentBytes(), lowered::launches);
            }
            case ReduceStage reduce -> {
                ReduceOpenCl lowered = new ReduceOpenCl(reduce, target);
                yield openCl(lowered.source(), lowered.fp64(), lowered.argumentBytes(), lowered::launches);
            }
            case IterateStage iterate -> {
                StepOpenCl lowered = new StepOpenCl(iterate, target);
                yield openCl(lowered.source(), lowered.fp64(), lowered.argumentBytes(), lowered::launches);
            }
            case MatMulStage product -> {
                MatMulOpenCl lowered = new MatMulOpenCl(product, target);
                yield openCl(lowered.source(), lowered.fp64(), lowered.argumentBytes(), lowered::launches);
            }
            case LineStage lines -> throw new IllegalArgumentException("there is no OpenCL C for " + lines);
        };
    }

    /**
     * Bytecode for TornadoVM; running it is the device's business.
     *
     * @param wanted how many work items keep the device busy, about
     * @throws IllegalArgumentException for a {@link LineStage} and an {@link IterateStage}: there is none
     */
    public static TornadoLowering tornado(Stage stage, TornadoTypes types, long wanted) {
        return switch (stage) {
            case MapStage map -> {
                MapTornado lowered = new MapTornado(map, types);
                yield tornado(lowered.kernels(), lowered.scratch(), lowered::launches);
            }
            case ReduceStage reduce -> {
                ReduceTornado lowered = new ReduceTornado(reduce, types, wanted);
                yield tornado(lowered.kernels(), lowered.scratch(), lowered::launches);
            }
            case MatMulStage product -> {
                MatMulTornado lowered = new MatMulTornado(product, types);
                yield tornado(lowered.kernels(), lowered.scratch(), lowered::launches);
            }
            case IterateStage iterate -> throw new IllegalArgumentException("there is no TornadoVM code for " + iterate);
            case LineStage lines -> throw new IllegalArgumentException("there is no TornadoVM code for " + lines);
        };
    }

    private static TornadoLowering tornado(
            List<TornadoKernel> kernels, List<DType> scratch, Function<Tile, Launch.Sequence> launches) {
        StringBuilder text = new StringBuilder("tornado\n");
        kernels.forEach(kernel -> text.append(HexFormat.of().formatHex(kernel.bytes())).append('\n'));
        return new TornadoLowering(kernels, sha256(text.toString()), scratch, launches);
    }

    private static OpenClLowering openCl(
            String source, boolean fp64, long argumentBytes, Function<Tile, Launch.Sequence> launches) {
        return new OpenClLowering(source, sha256(source), fp64, argumentBytes, launches);
    }

    static Lowering vector(Stage stage, Loops loops) {
        return vector(stage, loops, ProductBlocks.USUAL, USUAL_WAYS);
    }

    static Lowering vector(Stage stage, Loops loops, ProductBlocks blocks, int ways) {
        HostKernel kernel = switch (stage) {
            case MapStage map -> new MapVector(map, loops);
            case ReduceStage reduce -> ReduceVector.of(reduce, loops, ways);
            case MatMulStage product -> new MatMulVector(product, loops, blocks, ways);
            case IterateStage iterate -> new StepVector(iterate, loops);
            case LineStage lines -> new LineVector(lines, loops);
        };
        return new Lowering(kernel, hash("vector", stage));
    }

    private static String hash(String lowering, Stage stage) {
        StringBuilder text = new StringBuilder(lowering).append('\n');
        switch (stage) {
            case MapStage map -> text.append("map\n").append(map.body().text());
            case ReduceStage reduce ->
                text.append("reduce ")
                        .append(reduce.combines())
                        .append('\n')
                        .append(reduce.body().text())
                        .append(reduce.epilogue().text());
            case MatMulStage product -> text.append("matmul\n").append(product.epilogue().text());
            case IterateStage iterate -> {
                text.append("iterate ").append(iterate.steps()).append('\n');
                iterate.step().forEach(part -> text.append(part.body().text()));
            }
            case LineStage lines ->
                text.append(lines.line()).append(lines.dtype()).append('\n').append(lines.body().text());
        }
        for (View view : stage.loads()) {
            text.append("load ").append(view.dtype()).append('\n');
        }
        for (View view : stage.stores()) {
            text.append("store ").append(view.dtype()).append('\n');
        }
        return sha256(text.toString());
    }

    private static String sha256(String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
