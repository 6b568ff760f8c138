package org.imbrex.runtime.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Memory for large arrays, zero at first. On Linux it comes from the kernel in huge pages (2 MiB) where it has them, for
 * the asking: a first touch then costs one fault where 512 would, and threads that write take them side by side instead
 * of one that clears all beforehand. Elsewhere, and for small arrays, it is what an arena gives.
 */
public final class Pages {
    /** From here on. NumPy asks for huge pages from 4 MiB on, too. */
    private static final long LARGE = 4L << 20;

    private static final long HUGE = 2L << 20;
    private static final long ALIGNMENT = 64;
    /**
     * Arrays begin at different lines of a page: loops that walk several of equal strides would otherwise need more lines
     * of one set than a cache has, and a load would seem to wait for a store whose address ends alike.
     */
    private static final long STAGGER = 576;

    private static final int STAGGERED = 7;
    private static final AtomicInteger NEXT = new AtomicInteger();

    private static final int READ_WRITE = 3;
    private static final int PRIVATE_ANONYMOUS = 0x22;
    private static final int HUGE_PAGES = 14;

    private Pages() {}

    /** Linux's calls, looked up when the first large array is made. */
    private static final class Calls {
        private static final MethodHandle MAP = handle(
                "mmap",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_LONG));
        private static final MethodHandle ADVISE = handle(
                "madvise",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
        private static final MethodHandle UNMAP = handle(
                "munmap",
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));

        private static final boolean FOUND = MAP != null && ADVISE != null && UNMAP != null;

        private static MethodHandle handle(String name, FunctionDescriptor type) {
            if (!System.getProperty("os.name").equals("Linux")) {
                return null;
            }
            SymbolLookup library = Linker.nativeLinker().defaultLookup();
            return library.find(name)
                    .map(address -> Linker.nativeLinker().downcallHandle(address, type))
                    .orElse(null);
        }
    }

    /**
     * Memory that starts at 64 bytes at least and goes with the arena.
     *
     * @throws OutOfMemoryError where there is none
     */
    public static MemorySegment allocate(Arena arena, long bytes) {
        return bytes >= LARGE && Calls.FOUND ? map(arena, bytes) : arena.allocate(bytes, ALIGNMENT);
    }

    private static MemorySegment map(Arena arena, long bytes) {
        // room to begin at a huge page; what is never touched takes no memory
        long stagger = STAGGER * Math.floorMod(NEXT.getAndIncrement(), STAGGERED);
        long room = bytes + stagger + HUGE;
        long mapped;
        try {
            mapped = (long) Calls.MAP.invokeExact(0L, room, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
            if (mapped == -1) {
                throw new OutOfMemoryError("the system has no " + bytes + " bytes of memory left");
            }
            long begin = Math.ceilDiv(mapped, HUGE) * HUGE;
            // a kernel without huge pages refuses, and its usual pages do
            int ignored = (int) Calls.ADVISE.invokeExact(begin, bytes + stagger, HUGE_PAGES);
            return MemorySegment.ofAddress(begin + stagger).reinterpret(bytes, arena, gone -> unmap(mapped, room));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static void unmap(long address, long bytes) {
        try {
            int ignored = (int) Calls.UNMAP.invokeExact(address, bytes);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
