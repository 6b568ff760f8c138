package org.imbrex.host.cli;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** What standard output and standard error are connected to. */
public final class Terminal {
    static final int STDOUT = 1;
    public static final int STDERR = 2;
    private static final int USUAL_COLUMNS = 80;
    /** ioctl's request for the window's size on Linux; elsewhere COLUMNS or the usual width serves. */
    private static final long TIOCGWINSZ = 0x5413;

    private Terminal() {}

    /** Whether file descriptor {@code fd} is a terminal; false where the system does not tell. */
    public static boolean isTerminal(int fd) {
        Linker linker = Linker.nativeLinker();
        var found = linker.defaultLookup().find("isatty");
        if (found.isEmpty()) {
            return false;
        }
        MethodHandle isatty = linker.downcallHandle(
                found.get(), FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try {
            return (int) isatty.invokeExact(fd) == 1;
        } catch (Throwable e) {
            throw new IllegalStateException("isatty", e);
        }
    }

    /** The terminal's width in characters. */
    static int columns(int fd) {
        String told = System.getenv("COLUMNS");
        if (told != null && told.matches("[1-9][0-9]{0,3}")) {
            return Integer.parseInt(told);
        }
        if (!System.getProperty("os.name").equals("Linux")) {
            return USUAL_COLUMNS;
        }
        Linker linker = Linker.nativeLinker();
        MethodHandle ioctl = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("ioctl"),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS),
                Linker.Option.firstVariadicArg(2));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(MemoryLayout.sequenceLayout(4, ValueLayout.JAVA_SHORT));
            int status = (int) ioctl.invokeExact(fd, TIOCGWINSZ, size);
            int columns = size.getAtIndex(ValueLayout.JAVA_SHORT, 1);
            return status == 0 && columns > 0 ? columns : USUAL_COLUMNS;
        } catch (Throwable e) {
            throw new IllegalStateException("ioctl", e);
        }
    }
}
