package org.imbrex.kernels.expr;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An expression as a graph: its parts, its size, and the bounds within which walking it is safe. */
public final class ExprGraph {
    /** The most parts an expression may have, shared ones counted once. */
    public static final int MOST_NODES = 10_000;

    /** The longest chain of operations from a result down to a leaf: what is deeper might not fit a thread's stack. */
    public static final int MOST_DEPTH = 1_000;

    private ExprGraph() {}

    /** What an expression is made of, left to right. */
    public static List<Expr> children(Expr expr) {
        return switch (expr) {
            case Expr.Input input -> List.of();
            case Expr.Literal literal -> List.of();
            case Expr.Elementwise e -> e.args();
            case Expr.Cast cast -> List.of(cast.x());
            case Expr.Index index -> List.of(index.x());
            case Expr.Reduce reduce -> List.of(reduce.x());
            case Expr.Transpose transpose -> List.of(transpose.x());
            case Expr.Reshape reshape -> List.of(reshape.x());
            case Expr.Concat concat -> concat.parts();
            case Expr.MatMul product -> List.of(product.a(), product.b());
            case Expr.Dot product -> List.of(product.a(), product.b());
            case Expr.At at -> List.of(at.x());
            case Expr.Stencil stencil -> List.of(stencil.x());
            case Expr.Blocks blocks -> List.of(blocks.x());
            case Expr.Rolling rolling -> List.of(rolling.x());
            case Expr.Iterate iterate -> iterate.parts();
            case Expr.Random random -> List.of();
            case Expr.WeightedMean mean -> List.of(mean.x(), mean.weights());
        };
    }

    /**
     * Each part once, after its own parts; left before right.
     *
     * @throws ExprException where the parts of all results together, or the depth of one, are more than the bounds
     */
    public static List<Expr> parts(List<Expr> results) {
        List<Expr> done = new ArrayList<>();
        Map<Expr, Integer> depths = new IdentityHashMap<>();
        Deque<Expr> open = new ArrayDeque<>();
        results.reversed().forEach(open::push);
        while (!open.isEmpty()) {
            Expr expr = open.peek();
            if (depths.getOrDefault(expr, 0) > 0) {
                open.pop();
            } else if (depths.put(expr, 0) == null) {
                children(expr).reversed().forEach(open::push);
                if (depths.size() > MOST_NODES) {
                    throw new ExprException("found an expression of more than " + MOST_NODES
                            + " operators, names and numbers, expected fewer; compute it in steps");
                }
            } else {
                open.pop();
                int depth = 1;
                for (Expr child : children(expr)) {
                    depth = Math.max(depth, depths.get(child) + 1);
                }
                if (depth > MOST_DEPTH) {
                    throw new ExprException("found a chain of more than " + MOST_DEPTH
                            + " operations, expected fewer; group it by parentheses or compute it in steps");
                }
                depths.put(expr, depth);
                done.add(expr);
            }
        }
        return done;
    }

    static List<String> inputs(Expr result) {
        Map<Expr, Set<String>> free = new IdentityHashMap<>();
        for (Expr part : parts(List.of(result))) {
            Set<String> names = new LinkedHashSet<>();
            switch (part) {
                case Expr.Input input -> names.add(input.name());
                case Expr.Iterate iterate -> {
                    // the fields' names stand for the states
                    iterate.fields().forEach(field -> names.addAll(free.get(field.next())));
                    iterate.fields().forEach(field -> names.remove(field.name()));
                    Set<String> after = new LinkedHashSet<>(names);
                    names.clear();
                    iterate.fields().forEach(field -> names.addAll(free.get(field.start())));
                    names.addAll(after);
                }
                default -> children(part).forEach(child -> names.addAll(free.get(child)));
            }
            free.put(part, names.size() == 1 ? Set.of(names.iterator().next()) : names);
        }
        return List.copyOf(free.get(result));
    }

    static void checkRows(String what, long rows) {
        if (rows < 1) {
            throw new ExprException("found " + rows + " rows in " + what + "(…), expected 1 or more");
        }
    }
}
