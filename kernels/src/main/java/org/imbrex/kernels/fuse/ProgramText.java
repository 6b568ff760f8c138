package org.imbrex.kernels.fuse;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.Shape;

/** A program as text: equal programs, and only those, have equal texts. */
public final class ProgramText {
    private ProgramText() {}

    /** All of it, bodies included. */
    public static String of(Program program) {
        StringBuilder text = new StringBuilder();
        for (int number = 0; number < program.buffers().size(); number++) {
            Program.Buffer buffer = program.buffers().get(number);
            text.append('b').append(number).append(": ").append(buffer.dtype()).append(buffer.shape());
            if (number < program.inputs().size()) {
                text.append(" input ").append(program.inputs().get(number));
                text.append(" strides ").append(Arrays.toString(buffer.strides()));
            }
            text.append('\n');
        }
        for (Stage stage : program.stages()) {
            text.append(of(stage));
        }
        return text.append("results ").append(program.results()).append('\n').toString();
    }

    /** One stage: its index space, its views, its bodies. */
    public static String of(Stage stage) {
        StringBuilder text = new StringBuilder();
        switch (stage) {
            case MapStage map -> {
                text.append("map ").append(new Shape(map.domain())).append('\n');
                views(text, "load", map.loads());
                text.append(map.body().text());
            }
            case ReduceStage reduce -> {
                text.append("reduce ").append(new Shape(reduce.extents()));
                text.append(" axes ").append(reduce.from()).append(':').append(reduce.to());
                text.append(' ').append(reduce.combines()).append('\n');
                views(text, "load", reduce.loads());
                text.append(reduce.body().text()).append("epilogue\n").append(reduce.epilogue().text());
            }
            case MatMulStage product -> {
                text.append("matmul ").append(new Shape(product.domain()));
                text.append(" inner ").append(product.inner()).append('\n');
                views(text, "load", product.loads());
            }
        }
        views(text, "store", stage.stores());
        return text.toString();
    }

    private static void views(StringBuilder text, String how, List<View> views) {
        for (int slot = 0; slot < views.size(); slot++) {
            text.append(how).append(' ').append(slot).append(": ").append(views.get(slot)).append('\n');
        }
    }

    /** SHA-256 of the text, in hex. */
    static String id(Program program) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(of(program).getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
