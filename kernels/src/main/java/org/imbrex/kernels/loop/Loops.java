package org.imbrex.kernels.loop;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Compiled loops by what determines their code: each is made once, and the ones least used are dropped. */
public final class Loops {

    /** When vector code runs. */
    public enum When {
        /** Once C2 has compiled it, which happens beside scalar code that does the work until then. */
        WARM,
        /** From the first element. For tests. */
        AT_ONCE,
        /** Never. For tests. */
        NEVER
    }

    /**
     * What scalar code does before a vector loop is made, in elements times instructions: a few milliseconds' work.
     */
    private static final long WORK = 4_000_000;

    /** The loops of this process. */
    public static final Loops SHARED = new Loops(When.WARM);

    private static final int MOST = 1024;

    private final When when;
    private final long work;
    private final Loops scalar;
    private final Map<Object, Object> loops = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Object, Object> eldest) {
            return size() > MOST;
        }
    };

    public Loops(When when) {
        this(when, WORK);
    }

    /** Loops that are made after so much scalar work. */
    public Loops(When when, long work) {
        this.when = when;
        this.work = work;
        this.scalar = when == When.NEVER ? this : new Loops(When.NEVER, work);
    }

    /** Loops of scalar code only. */
    Loops scalar() {
        return scalar;
    }

    long work() {
        return work;
    }

    /** Returns when all vector loops that were due are compiled. For tests. */
    public static void awaitCompiled() throws InterruptedException {
        WarmUp.awaitIdle();
    }

    /** How many loops of this process stay scalar, as their vector version did not become fast. */
    public static int stayScalar() {
        return WarmUp.stayScalar();
    }

    /** The width of the vectors that loops are made for. */
    public static int vectorBits() {
        return Lanes.bits();
    }

    When when() {
        return when;
    }

    /** The loop over elements for a body and dtypes. */
    public MapLoop map(LoopSpec spec) {
        return get(spec, () -> new MapLoop(spec, this));
    }

    /** The loop over leaves for a body, dtypes and combinations. */
    public LaneLoop lanes(LaneSpec spec) {
        return get(spec, () -> new LaneLoop(spec, this));
    }

    @SuppressWarnings("unchecked")
    <T> T get(Object key, Supplier<T> maker) {
        synchronized (loops) {
            Object found = loops.get(key);
            if (found != null) {
                return (T) found;
            }
        }
        T made = maker.get();
        synchronized (loops) {
            Object other = loops.putIfAbsent(key, made);
            return other == null ? made : (T) other;
        }
    }
}
