package org.imbrex.host.node.wire;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.imbrex.kernels.fuse.ProgramText;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Shift;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.type.ShapeException;

/**
 * Programs as bytes. No id travels: who receives a program names it by what it is, so that nobody can put a kernel
 * where another one's is looked for. What is read is checked by {@link ProgramCheck} before anyone sees it.
 */
public final class Programs {
    private Programs() {}

    public static byte[] encode(Program program) {
        Encoder to = new Encoder();
        to.list(program.buffers(), (e, buffer) -> e.choice(buffer.dtype())
                .longs(buffer.shape().extents())
                .longs(buffer.strides()));
        to.list(program.inputs(), Encoder::text);
        to.list(program.stages(), Programs::stage);
        to.list(program.results(), Encoder::u16);
        return to.finished();
    }

    private static void stage(Encoder to, Stage stage) {
        switch (stage) {
            case MapStage map -> {
                to.u8(0).longs(map.domain()).list(map.loads(), Programs::view);
                body(to, map.body());
                to.list(map.stores(), Programs::view);
            }
            case ReduceStage reduce -> {
                to.u8(1).longs(reduce.extents()).u8(reduce.from()).u8(reduce.to());
                to.list(reduce.loads(), Programs::view);
                body(to, reduce.body());
                to.list(reduce.combines(), Encoder::choice);
                body(to, reduce.epilogue());
                to.list(reduce.stores(), Programs::view);
            }
            case MatMulStage product -> {
                to.u8(2).longs(product.domain()).i64(product.inner());
                view(to, product.a());
                view(to, product.b());
                to.list(product.others(), Programs::view);
                body(to, product.epilogue());
                view(to, product.c());
            }
            case IterateStage iterate -> {
                to.u8(3).u16(iterate.steps()).list(iterate.step(), Programs::stage);
                to.list(iterate.next(), Encoder::u16).list(inputs(iterate), Encoder::u16);
                to.list(iterate.stores(), Programs::view);
            }
            case LineStage lines -> Lines.encode(to.u8(4), lines);
        }
    }

    /** The program's number of each buffer that the steps read from outside; 0 for those that none reads. */
    private static List<Integer> inputs(IterateStage iterate) {
        List<Integer> inputs = new ArrayList<>();
        for (int k = 0; k < iterate.outer().size(); k++) {
            int number = iterate.outer().get(k).buffer();
            while (inputs.size() <= number) {
                inputs.add(0);
            }
            int load = iterate.isSplit() ? k * IterateStage.TURNS : k;
            inputs.set(number, iterate.loads().get(load).buffer());
        }
        return inputs;
    }

    static void view(Encoder to, View view) {
        to.u16(view.buffer()).choice(view.dtype()).i64(view.offset()).longs(view.strides());
        to.list(view.shifts(), (e, shift) -> e.u8(shift.axis()).i64(shift.by()).i64(shift.extent()));
        to.choice(view.mode()).i64(view.fill());
    }

    static void body(Encoder to, Body body) {
        to.list(body.instrs(), (e, i) -> e.choice(i.op())
                .choice(i.type())
                .u16(i.a() + 1)
                .u16(i.b() + 1)
                .u16(i.c() + 1)
                .i64(i.imm()));
        to.list(body.results(), Encoder::u16);
    }

    /** Whether a node's limits allow a stage. */
    public static boolean fits(Stage stage) {
        return !(stage instanceof LineStage lines) || Lines.fits(lines.line());
    }

    /** @throws WireException where the bytes are no program, or none that a node may run */
    public static Program decode(byte[] message) throws WireException {
        Decoder from = new Decoder(message);
        Program bare = new Program(
                "",
                from.list(Limits.BUFFERS, Programs::buffer),
                from.list(Limits.BUFFERS, Decoder::text),
                from.list(Limits.STAGES, Programs::stage),
                from.list(Limits.RESULTS, Decoder::u16));
        from.end();
        ProgramCheck.check(bare);
        return new Program(id(bare), bare.buffers(), bare.inputs(), bare.stages(), bare.results());
    }

    private static String id(Program program) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] text = ProgramText.of(program).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(digest.digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static Program.Buffer buffer(Decoder from) throws WireException {
        DType dtype = from.choice(DType.values());
        long[] extents = from.longs(Shape.MAX_RANK);
        long[] strides = from.longs(Shape.MAX_RANK);
        try {
            return new Program.Buffer(dtype, new Shape(extents), strides);
        } catch (ShapeException e) {
            throw new WireException(e.getMessage());
        }
    }

    private static Stage stage(Decoder from) throws WireException {
        int kind = from.u8();
        return switch (kind) {
            case 0 ->
                new MapStage(
                        from.longs(Limits.RANK),
                        from.list(Limits.VIEWS, Programs::view),
                        body(from),
                        from.list(Limits.VIEWS, Programs::view));
            case 1 -> {
                long[] extents = from.longs(Limits.RANK);
                int first = from.u8();
                int to = from.u8();
                yield new ReduceStage(
                        extents,
                        first,
                        to,
                        from.list(Limits.VIEWS, Programs::view),
                        body(from),
                        from.list(Limits.RESULTS, d -> d.choice(Combine.values())),
                        body(from),
                        from.list(Limits.VIEWS, Programs::view));
            }
            case 2 ->
                new MatMulStage(
                        from.longs(Limits.RANK),
                        from.size(Long.MAX_VALUE),
                        view(from),
                        view(from),
                        from.list(Limits.VIEWS, Programs::view),
                        body(from),
                        view(from));
            case 3 -> {
                int steps = from.u16();
                List<MapStage> step = new ArrayList<>();
                for (Stage part : from.list(Limits.PARTS, Programs::stage)) {
                    ProgramCheck.require(part instanceof MapStage, "a step is no map");
                    step.add((MapStage) part);
                }
                List<Integer> next = from.list(Limits.RESULTS, Decoder::u16);
                List<Integer> inputs = from.list(Limits.VIEWS, Decoder::u16);
                List<View> stores = from.list(Limits.RESULTS, Programs::view);
                StepCheck.check(steps, step, next, inputs);
                yield IterateStage.of(steps, step, next, inputs, stores);
            }
            case 4 -> Lines.decode(from);
            default -> throw new WireException("found a stage of kind " + kind + ", expected 0 to 4");
        };
    }

    static View view(Decoder from) throws WireException {
        return new View(
                from.u16(),
                from.choice(DType.values()),
                from.i64(),
                from.longs(Limits.RANK),
                from.list(Limits.RANK, d -> new Shift(d.u8(), d.i64(), d.i64())),
                from.choice(EdgeMode.values()),
                from.i64());
    }

    static Body body(Decoder from) throws WireException {
        return new Body(
                from.list(
                        Limits.INSTRUCTIONS,
                        d -> new Instr(
                                d.choice(Op.values()),
                                d.choice(ScalarType.values()),
                                d.u16() - 1,
                                d.u16() - 1,
                                d.u16() - 1,
                                d.i64())),
                from.list(Limits.RESULTS, Decoder::u16));
    }
}
