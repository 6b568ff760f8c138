package org.imbrex.kernels.contract;

import java.util.List;
import java.util.function.Function;
import org.imbrex.kernels.fuse.Fuser;
import org.imbrex.kernels.fuse.ProgramText;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;

/** What fusing must do, with any lowering: give the bits of the expressions, node by node. */
public final class FuserContract {
    private FuserContract() {}

    /** Fuses and runs {@code count} random expressions, one a seed, from the first seed on. */
    public static void check(Function<Stage, ? extends HostKernel> lowering, long first, int count) {
        for (long seed = first; seed < first + count; seed++) {
            check(lowering, seed);
        }
    }

    private static void check(Function<Stage, ? extends HostKernel> lowering, long seed) {
        RandomNodes.Case c = RandomNodes.of(seed);
        String name = "seed " + seed;
        String program = "";
        try {
            Program fused = Fuser.fuse(c.results(), c.buffers());
            program = ProgramText.of(fused);
            ProgramCheck.check(fused);
            List<Values> expected = NodeEvaluator.evaluate(c.results(), c.inputs());
            List<Values> found = ProgramRunner.run(fused, c.inputs(), lowering);
            for (int k = 0; k < expected.size(); k++) {
                expected.get(k).checkEqual(found.get(k), "result " + k);
            }
        } catch (RuntimeException | AssertionError | StackOverflowError e) {
            throw new AssertionError(name + ": " + e.getMessage() + "\n" + c.results() + "\n" + program, e);
        }
    }
}
