package org.imbrex.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.kernels.expr.Expr;

/** The mean of every 8 days of four years of weather in Seattle, as text and as a traced lambda. */
public final class BlockMeans {
    private BlockMeans() {}

    public static void main(String[] args) throws IOException {
        try (Engine engine = Engine.open()) {
            Array days = engine.read(Path.of("examples/data/seattle-weather.csv"));
            System.out.println("days    " + days.type());

            Array means = engine.eval("mean(blocks(x, 8), axis=1)", Map.of("x", days));
            System.out.println("means   " + means.type() + ", the last of " + days.shape().extent(0) % 8 + " days");
            System.out.println(engine.eval("m[:5]", Map.of("m", means)));

            Array traced = engine.eval(Expr.of(x -> x.blocks(8).mean(1)), days);
            Array differ = engine.eval("count(a != b)", Map.of("a", means, "b", traced));
            System.out.println("differ  " + differ.getLong());
        }
    }
}
