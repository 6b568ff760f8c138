package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.MethodModel;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What the simulation is worth: of bugs put into leases, credits, the merge and the watch over peers it finds each. */
class FleetMutationTest {
    private static final String HOUSE = "org.imbrex.";
    private static final int SCHEDULES = 2000;

    /** A method with another body. */
    private record Bug(String what, String type, String method, Consumer<CodeBuilder> body) {}

    private static final List<Bug> BUGS = List.of(
            new Bug("a lost tile is not leased again", HOUSE + "host.node.Lease", "lost", CodeBuilder::return_),
            new Bug(
                    "a lost connection tells its leases nothing",
                    HOUSE + "host.node.Connection",
                    "lose",
                    CodeBuilder::return_),
            new Bug(
                    "two answers are received at once",
                    HOUSE + "host.node.Lease",
                    "mayReceive",
                    code -> code.iconst_1().ireturn()),
            new Bug("credits are not given back", HOUSE + "host.node.Room", "release", CodeBuilder::return_),
            new Bug(
                    "a node gives more credit than it keeps",
                    HOUSE + "host.node.Session",
                    "credit",
                    CodeBuilder::return_),
            new Bug(
                    "a border is taken for there that did not arrive",
                    HOUSE + "host.node.Pair",
                    "arrive",
                    CodeBuilder::return_),
            new Bug(
                    "a border is handed over before it is computed",
                    HOUSE + "host.node.Neighbours",
                    "begun",
                    CodeBuilder::return_),
            new Bug(
                    "memory of borders on their way is not given back",
                    HOUSE + "host.node.Expected",
                    "uncharge",
                    CodeBuilder::return_),
            new Bug(
                    "of two partial results one is dropped",
                    HOUSE + "runtime.merge.MergeTree",
                    "combine",
                    code -> code.aload(1).areturn()),
            new Bug(
                    "a peer that has gone without a word is never missed",
                    HOUSE + "host.node.wire.Wire",
                    "silentNanos",
                    code -> code.lconst_0().lreturn()));

    @Test
    void everyBugIsFound() throws Exception {
        for (Bug bug : BUGS) {
            String found = find(bug);
            System.out.println(bug.what + ": " + found);
            assertThat(found).as(bug.what).contains("-Dimbrex.test.seed=");
        }
    }

    /** What the simulation says of the project's own classes with the bug in them. */
    private static String find(Bug bug) throws Exception {
        Class<?> simulation = Class.forName(FleetSimulationTest.class.getName(), true, new Mutated(bug));
        Method schedules = simulation.getDeclaredMethod("schedules", long.class, int.class);
        schedules.setAccessible(true);
        try {
            return schedules.invoke(null, 1L, SCHEDULES).toString();
        } catch (InvocationTargetException e) {
            return e.getCause().getMessage();
        }
    }

    /** Loads the project's classes anew, one of them with a bug. */
    private static final class Mutated extends ClassLoader {
        private final Bug bug;

        Mutated(Bug bug) {
            super(FleetMutationTest.class.getClassLoader());
            this.bug = bug;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                if (!name.startsWith(HOUSE)) {
                    return super.loadClass(name, resolve);
                }
                Class<?> known = findLoadedClass(name);
                return known != null ? known : define(name);
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = in.readAllBytes();
                byte[] mine = name.equals(bug.type) ? withBug(bytes) : bytes;
                return defineClass(name, mine, 0, mine.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }

        private byte[] withBug(byte[] bytes) {
            ClassFile file = ClassFile.of();
            ClassModel model = file.parse(bytes);
            int[] found = new int[1];
            byte[] changed = file.transformClass(model, (builder, element) -> {
                if (element instanceof MethodModel method && method.methodName().equalsString(bug.method)) {
                    found[0]++;
                    builder.withMethodBody(
                            method.methodName(), method.methodType(), method.flags().flagsMask(), bug.body);
                } else {
                    builder.with(element);
                }
            });
            if (found[0] != 1) {
                throw new IllegalStateException(bug.type + " has " + found[0] + " methods " + bug.method);
            }
            return changed;
        }
    }
}
