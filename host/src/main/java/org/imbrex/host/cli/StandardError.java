package org.imbrex.host.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The process's standard error. The JVM prints a warning of incubator modules there before any of our code runs and has
 * no option against it, so the launcher starts the JVM with the user's stderr put aside under another number, told in
 * {@code IMBREX_STDERR}, and fd 2 closed to the world.
 */
public final class StandardError {

    private StandardError() {}

    /** Puts the user's stderr back as fd 2, for Java and native libraries alike. */
    public static void restore() {
        String aside = System.getenv("IMBREX_STDERR");
        if (aside == null || !aside.matches("[3-9]")) {
            return;
        }
        Linker linker = Linker.nativeLinker();
        MethodHandle dup2 = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("dup2"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try {
            int ignored = (int) dup2.invokeExact(Integer.parseInt(aside), 2);
        } catch (Throwable e) {
            throw new IllegalStateException("cannot put standard error back", e);
        }
    }
}
