package org.imbrex.bench;

import java.util.Map;
import org.imbrex.bench.measure.Trial;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.kernels.loop.Loops;
import org.imbrex.runtime.schedule.RunOptions;
import org.imbrex.runtime.schedule.Summary;

/** An expression through the public API, on one device. */
final class EngineTrial implements Trial {
    private final Engine engine;
    private final String expression;
    private final Map<String, Array> inputs;
    private final RunOptions options;
    private Summary last;

    EngineTrial(Engine engine, String expression, Map<String, Array> inputs, RunOptions options) {
        this.engine = engine;
        this.expression = expression;
        this.inputs = inputs;
        this.options = options;
    }

    @Override
    public double seconds(int times) {
        long began = System.nanoTime();
        for (int k = 0; k < times; k++) {
            Engine.Run run = engine.run(expression, inputs, options);
            last = run.summary();
            run.result().close();
            alone(last);
        }
        return (System.nanoTime() - began) / 1e9;
    }

    /** A record of one device must not show what another one did for it. */
    private void alone(Summary summary) {
        for (Summary.DeviceUse use : summary.devices()) {
            if (use.tiles() > 0 && !use.id().equals(options.device())) {
                throw new IllegalStateException("not measured, as " + use.id() + " stands in for it there");
            }
        }
    }

    /** Loops run as scalar code until their vector version is compiled. */
    @Override
    public void settle() {
        try {
            Loops.awaitCompiled();
            seconds(1);
            Loops.awaitCompiled();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while loops were compiled", e);
        }
    }

    /** Devices build their kernels then. */
    @Override
    public boolean firstTells() {
        return false;
    }

    /** What the last run did. */
    Summary last() {
        return last;
    }

    @Override
    public double check() {
        double sum = 0;
        try (Array result = engine.run(expression, inputs, options).result()) {
            for (double element : result.toDoubleArray()) {
                sum += element;
            }
        }
        return sum;
    }
}
