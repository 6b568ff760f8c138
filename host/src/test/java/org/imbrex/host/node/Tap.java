package org.imbrex.host.node;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A virtual Ethernet device whose cable ends in this process: frames that Linux sends on it are read here, and frames
 * written here arrive on it. It is gone when it is closed, and when this process ends. One thread at a time.
 */
final class Tap implements AutoCloseable {
    /** A frame of the usual Ethernet, with a VLAN tag to spare. */
    static final int FRAME_BYTES = 1518;

    // linux/if_tun.h, if.h and poll.h, asm-generic/fcntl.h and errno-base.h: the same on x86-64 and aarch64
    private static final long TUNSETIFF = 0x400454ca;
    private static final short IFF_TAP = 0x0002;
    private static final short IFF_NO_PI = 0x1000;
    private static final int IFNAMSIZ = 16;
    private static final long IFREQ_BYTES = 40;
    private static final int O_RDWR = 0x2;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;
    private static final short POLLIN = 1;
    private static final long POLLFD_BYTES = 8;
    private static final int EINTR = 4;
    private static final int EIO = 5;
    private static final int EAGAIN = 11;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO_AT = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final MethodHandle OPEN =
            function("open", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, INT), ERRNO);
    private static final MethodHandle IOCTL = function(
            "ioctl",
            FunctionDescriptor.of(INT, INT, LONG, ValueLayout.ADDRESS),
            ERRNO,
            Linker.Option.firstVariadicArg(2));
    private static final MethodHandle READ =
            function("read", FunctionDescriptor.of(LONG, INT, ValueLayout.ADDRESS, LONG), ERRNO);
    private static final MethodHandle WRITE =
            function("write", FunctionDescriptor.of(LONG, INT, ValueLayout.ADDRESS, LONG), ERRNO);
    private static final MethodHandle POLL =
            function("poll", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, LONG, INT), ERRNO);
    private static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(INT, INT));

    private final String name;
    private final int descriptor;
    private final Arena arena;
    private final MemorySegment state;
    private final MemorySegment buffer;

    private Tap(String name, int descriptor) {
        this.name = name;
        this.descriptor = descriptor;
        arena = Arena.ofShared();
        state = arena.allocate(STATE);
        buffer = arena.allocate(FRAME_BYTES);
    }

    /** Makes the device, in the network of this process; it may be moved to another one's after. */
    static Tap open(String name) throws IOException {
        if (name.length() >= IFNAMSIZ) {
            throw new IOException(name + ": a device's name has at most " + (IFNAMSIZ - 1) + " characters");
        }
        int descriptor = -1;
        try (Arena call = Arena.ofConfined()) {
            MemorySegment state = call.allocate(STATE);
            MemorySegment path = call.allocateFrom("/dev/net/tun");
            descriptor = (int) OPEN.invokeExact(state, path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
            checked(descriptor, state, "open /dev/net/tun");
            MemorySegment request = call.allocate(IFREQ_BYTES);
            request.setString(0, name, StandardCharsets.US_ASCII);
            request.set(ValueLayout.JAVA_SHORT, IFNAMSIZ, (short) (IFF_TAP | IFF_NO_PI));
            checked((int) IOCTL.invokeExact(state, descriptor, TUNSETIFF, request), state, "TUNSETIFF " + name);
            return new Tap(name, descriptor);
        } catch (Throwable e) {
            if (descriptor >= 0) {
                close(descriptor);
            }
            throw thrown(e);
        }
    }

    /** The next frame; empty where none waits. */
    byte[] read() throws IOException {
        try {
            long bytes = (long) READ.invokeExact(state, descriptor, buffer, (long) FRAME_BYTES);
            if (bytes < 0 && errno(state) == EAGAIN) {
                return new byte[0];
            }
            checked(bytes, state, "read " + name);
            return buffer.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE);
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    /** False where the device is down or has no room: the frame is lost. */
    boolean write(byte[] frame) throws IOException {
        MemorySegment.copy(frame, 0, buffer, ValueLayout.JAVA_BYTE, 0, frame.length);
        try {
            long bytes = (long) WRITE.invokeExact(state, descriptor, buffer, (long) frame.length);
            if (bytes < 0 && (errno(state) == EIO || errno(state) == EAGAIN)) {
                return false;
            }
            checked(bytes, state, "write " + name);
            return true;
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    /** Waits until one of them has a frame, at most so long. */
    static void await(List<Tap> taps, int millis) throws IOException {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment state = call.allocate(STATE);
            MemorySegment polls = call.allocate(POLLFD_BYTES * taps.size(), INT.byteAlignment());
            for (int tap = 0; tap < taps.size(); tap++) {
                polls.set(INT, tap * POLLFD_BYTES, taps.get(tap).descriptor);
                polls.set(ValueLayout.JAVA_SHORT, tap * POLLFD_BYTES + INT.byteSize(), POLLIN);
            }
            int found = (int) POLL.invokeExact(state, polls, (long) taps.size(), millis);
            if (found < 0 && errno(state) != EINTR) {
                checked(found, state, "poll");
            }
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    @Override
    public void close() {
        close(descriptor);
        arena.close();
    }

    private static void close(int descriptor) {
        try {
            int _ = (int) CLOSE.invokeExact(descriptor);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static void checked(long result, MemorySegment state, String call) throws IOException {
        if (result < 0) {
            throw new IOException(call + ": errno " + errno(state));
        }
    }

    private static int errno(MemorySegment state) {
        return (int) ERRNO_AT.get(state, 0L);
    }

    private static IOException thrown(Throwable e) {
        return e instanceof IOException told ? told : new IOException(e);
    }

    private static MethodHandle function(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, options);
    }
}
