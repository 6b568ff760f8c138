package org.imbrex.bench.accuracy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.type.DType;

/**
 * Measures the worst error of each math function in units in the last place: in f32 over all 2^32 inputs, for two
 * arguments and in f64 over random inputs and known hard ones. Prints the table of docs/accuracy.md.
 *
 * <p>Usage: {@code Accuracy ULP.C [dtype=f32|f64] [function=NAME,…] [inputs=100000000] [pairs=1000000000] [stride=1]
 * [threads=N]}; {@code inputs} counts those of f64, {@code pairs} those of two-argument f32 functions, {@code stride}
 * takes only every so manieth f32 input.
 */
public final class Accuracy {
    /** In the order of the numbers in ulp.c. */
    static final List<Function> FUNCTIONS = List.of(
            Function.EXP,
            Function.EXPM1,
            Function.LOG,
            Function.LOG1P,
            Function.LOG2,
            Function.LOG10,
            Function.SIN,
            Function.COS,
            Function.TAN,
            Function.ASIN,
            Function.ACOS,
            Function.ATAN,
            Function.SINH,
            Function.COSH,
            Function.TANH,
            Function.ATAN2,
            Function.HYPOT,
            Function.POW);

    private Accuracy() {}

    public static void main(String[] args) throws IOException, InterruptedException, ExecutionException {
        UlpOracle oracle = UlpOracle.build(Path.of(args[0]));
        String dtypes = option(args, "dtype", "f32,f64");
        String functions = option(args, "function", "");
        long inputs = Long.parseLong(option(args, "inputs", "100000000"));
        long pairs = Long.parseLong(option(args, "pairs", "1000000000"));
        int stride = Integer.parseInt(option(args, "stride", "1"));
        int threads = Integer.parseInt(
                option(args, "threads", "" + Runtime.getRuntime().availableProcessors()));
        System.out.println("| function | dtype | worst error, ulp | at | inputs |");
        System.out.println("| --- | --- | --- | --- | --- |");
        for (Function function : FUNCTIONS) {
            if (!functions.isEmpty() && !List.of(functions.split(",")).contains(function.text())) {
                continue;
            }
            if (dtypes.contains("f32")) {
                Measurement measurement = new Measurement(oracle, function, DType.F32);
                print(
                        function,
                        DType.F32,
                        function.arity() == 1
                                ? measurement.everyFloat(stride, threads)
                                : measurement.atRandom(pairs, threads));
            }
            if (dtypes.contains("f64")) {
                print(function, DType.F64, new Measurement(oracle, function, DType.F64).atRandom(inputs, threads));
            }
        }
    }

    private static String option(String[] args, String name, String otherwise) {
        for (String arg : args) {
            if (arg.startsWith(name + "=")) {
                return arg.substring(name.length() + 1);
            }
        }
        return otherwise;
    }

    private static void print(Function function, DType dtype, Measurement.Worst worst) {
        String at = text(dtype, worst.x()) + (function.arity() > 1 ? ", " + text(dtype, worst.y()) : "");
        System.out.printf(
                Locale.ROOT,
                "| %s | %s | %.4f | %s | %,d |%n",
                function.text(),
                dtype.name().toLowerCase(Locale.ROOT),
                worst.ulp(),
                at,
                worst.inputs());
    }

    private static String text(DType dtype, double value) {
        return dtype == DType.F32 ? Float.toHexString((float) value) : Double.toHexString(value);
    }
}
