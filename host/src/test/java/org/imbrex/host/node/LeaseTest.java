package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.fuse.Fuser;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Typing;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.memory.Span;
import org.junit.jupiter.api.Test;

/** Leases under many orders of answers, losses, refusals and second attempts, each determined by a seed. */
class LeaseTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());
    private static final int SCHEDULES = Integer.getInteger("imbrex.test.cases", 10_000);
    private static final int NODES = 4;

    private static final Program PROGRAM = program();

    private static Program program() {
        Expr expr = Parser.parse("x + 1");
        ArrayType type = new ArrayType(DType.F32, Shape.of(8));
        return Fuser.fuse(
                List.of(Typing.check(expr, Map.of("x", type))),
                Map.of("x", new Program.Buffer(DType.F32, Shape.of(8), new long[] {1})));
    }

    private static Lease lease() {
        Span span = new Span(MemorySegment.NULL.reinterpret(32), 0);
        return new Lease(PROGRAM, new Tile(0, new long[] {0}, new long[] {8}, 0, 1), List.of(span), List.of(span), false, Surroundings.SYSTEM);
    }

    /**
     * At any moment at most one attempt may touch the stores; once there is an answer nobody may; the answer is that of
     * an attempt that was received whole; every fault and loss is told.
     */
    @Test
    void oneAnswerIsReceivedWholeWhateverHappens() {
        for (int schedule = 0; schedule < SCHEDULES; schedule++) {
            Random random = new Random(SEED + schedule);
            try {
                simulate(random);
            } catch (AssertionError e) {
                throw new AssertionError("-Dimbrex.test.seed=" + (SEED + schedule), e);
            }
        }
    }

    private static void simulate(Random random) {
        Lease lease = lease();
        List<Lease.Attempt> flying = new ArrayList<>();
        Set<Lease.Attempt> receiving = new HashSet<>();
        String answeredBy = "";
        int told = 0;
        int requests = 0;
        for (int step = 0; step < 60; step++) {
            boolean done = !answeredBy.isEmpty();
            int node = random.nextInt(NODES);
            String name = "n" + node;
            Lease.Attempt any = flying.isEmpty() ? null : flying.get(random.nextInt(flying.size()));
            switch (random.nextInt(5)) {
                case 0 -> {
                    if (!done && flying.size() < 2 && !lease.isTriedBy(name) && !lease.hasFailedOn(name)) {
                        Lease.Attempt attempt = new Lease.Attempt(lease, name, ++requests, 0);
                        lease.begin(attempt);
                        flying.add(attempt);
                    }
                }
                case 1 -> {
                    if (any != null && !receiving.contains(any)) {
                        if (lease.mayReceive(any)) {
                            assertThat(receiving).as("who writes to the stores").isEmpty();
                            assertThat(done).as("written to after the answer").isFalse();
                            receiving.add(any);
                        } else {
                            lease.alsoAnswered(any, 7);
                            flying.remove(any);
                        }
                    }
                }
                case 2 -> {
                    if (any != null && receiving.remove(any)) {
                        lease.answered(any, new byte[0], 7);
                        answeredBy = any.node;
                        flying.remove(any);
                    }
                }
                case 3 -> {
                    if (any != null) {
                        receiving.remove(any);
                        lease.lost(any, "cut");
                        flying.remove(any);
                        told++;
                    }
                }
                default -> {
                    if (any != null && !receiving.contains(any)) {
                        lease.refused(any, new DeviceException(DeviceException.Kind.FAILED, "no"));
                        flying.remove(any);
                        told++;
                    }
                }
            }
            assertThat(lease.answer() != null).isEqualTo(!answeredBy.isEmpty());
            assertThat(lease.answer() == null || lease.answer().node().equals(answeredBy)).isTrue();
            assertThat(lease.live()).containsExactlyInAnyOrderElementsOf(flying);
            assertThat(lease.faults()).hasSize(told);
        }
        if (receiving.isEmpty()) {
            lease.end();
            for (Lease.Attempt late : flying) {
                assertThat(lease.mayReceive(late)).as("the stores are the caller's again").isFalse();
            }
        }
    }

    @Test
    void differentBitsForOneTileAreTold() {
        Lease lease = lease();
        Lease.Attempt first = new Lease.Attempt(lease, "a", 1, 0);
        Lease.Attempt second = new Lease.Attempt(lease, "b", 1, 0);
        lease.begin(first);
        lease.begin(second);
        assertThat(lease.mayReceive(first)).isTrue();
        lease.answered(first, new byte[0], 1);
        assertThat(lease.mayReceive(second)).isFalse();
        lease.alsoAnswered(second, 2);
        assertThat(lease.faults()).singleElement().asString().contains("other bits from b than from a");
    }
}
