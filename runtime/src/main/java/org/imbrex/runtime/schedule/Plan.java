package org.imbrex.runtime.schedule;

import java.util.List;
import java.util.Locale;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.runtime.tile.Tiling;

/**
 * What will run where: plain data.
 *
 * @param program the program's id
 * @param devices the ids of the devices that take tiles
 * @param notes why others do not
 * @param buffers one per buffer of the program
 * @param peakBytes the most memory that tiles in flight and intermediate arrays take
 */
public record Plan(
        String program,
        List<String> devices,
        List<String> notes,
        List<BufferPlan> buffers,
        List<StagePlan> stages,
        long budgetBytes,
        long peakBytes) {

    /** Where a buffer's elements lie. */
    public enum Where {
        /** Native memory or a mapped file, read where it lies. */
        IN_PLACE,
        /** Read or written in parts as tiles need them. */
        IN_PARTS,
        /** Written in parts, one after another. */
        IN_ORDER,
        /** An intermediate array in memory. */
        MEMORY,
        /** An intermediate array in a temporary file. */
        SPILLED;

        boolean inParts() {
            return this == IN_PARTS || this == IN_ORDER;
        }
    }

    /** @param lastStage the last stage that reads or writes it */
    public record BufferPlan(Where where, long bytes, int lastStage) {}

    /**
     * One stage.
     *
     * @param tiles how many the tiling has
     * @param bytesRead of elements that the stage reads once, as far as they differ
     * @param operations arithmetic instructions in all, loads and constants apart
     * @param hands how many tiles are in flight at most
     * @param handBytes what each of them may take from the pool; a tile that would take more is cut in halves
     * @param grains for each device, how many tiles that lie together it takes as one
     */
    public record StagePlan(
            Tiling tiling,
            long tiles,
            String kind,
            long bytesRead,
            long bytesWritten,
            double operations,
            int hands,
            long handBytes,
            List<Integer> grains) {}

    public double operations() {
        double operations = 0;
        for (StagePlan stage : stages) {
            operations += stage.operations();
        }
        return operations;
    }

    /** For each buffer, whether it is read or written in parts. */
    boolean[] inParts() {
        boolean[] inParts = new boolean[buffers.size()];
        for (int number = 0; number < inParts.length; number++) {
            inParts[number] = buffers.get(number).where().inParts();
        }
        return inParts;
    }

    public long tiles() {
        long tiles = 0;
        for (StagePlan stage : stages) {
            tiles += stage.tiles();
        }
        return tiles;
    }

    public long bytesRead() {
        long bytes = 0;
        for (StagePlan stage : stages) {
            bytes += stage.bytesRead();
        }
        return bytes;
    }

    public long bytesWritten() {
        long bytes = 0;
        for (StagePlan stage : stages) {
            bytes += stage.bytesWritten();
        }
        return bytes;
    }

    static String kind(Stage stage) {
        return switch (stage) {
            case ReduceStage reduce -> "reduce " + reduce.combines().toString().toLowerCase(Locale.ROOT);
            case MatMulStage product -> "matmul";
            case IterateStage iterate -> "iterate " + iterate.steps();
            case LineStage lines -> lines.line().text();
            default -> "map";
        };
    }

    /** For people: what {@code --explain} prints. */
    public String text(Program described) {
        StringBuilder text = new StringBuilder();
        line(text, "devices   %s", String.join(", ", devices));
        notes.forEach(note -> line(text, "          %s", note));
        line(text, "memory    %,d bytes at most, of a budget of %,d", peakBytes, budgetBytes);
        for (int number = 0; number < buffers.size(); number++) {
            BufferPlan buffer = buffers.get(number);
            Program.Buffer is = described.buffers().get(number);
            String role = number < described.inputs().size()
                    ? "input " + described.inputs().get(number)
                    : described.results().contains(number) ? "result" : "intermediate";
            line(text, "buffer %d  %s%s, %s, %s", number, is.dtype(), is.shape(), role,
                    buffer.where().name().toLowerCase(Locale.ROOT).replace('_', ' '));
        }
        for (int number = 0; number < stages.size(); number++) {
            StagePlan stage = stages.get(number);
            Tiling tiling = stage.tiling();
            line(text, "stage %d   %s over %s: %,d tiles of %s%s, %d at a time; reads %,d bytes, writes %,d, %,.0f operations", number,
                    stage.kind(), java.util.Arrays.toString(tiling.domain()), stage.tiles(),
                    java.util.Arrays.toString(tiling.box()),
                    tiling.splitsLeaves() ? " × " + tiling.run() + " leaves" : "",
                    stage.hands(),
                    stage.bytesRead(), stage.bytesWritten(), stage.operations());
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String format, Object... args) {
        text.append(String.format(Locale.ROOT, format, args)).append('\n');
    }
}
