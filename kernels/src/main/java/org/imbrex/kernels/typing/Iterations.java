package org.imbrex.kernels.typing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DTypeException;
import org.imbrex.kernels.type.ShapeException;

/** Time steps: names that stand for states, and steps that keep their type. */
final class Iterations {
    private final Nodes nodes;
    private final Indexing indexing;
    private final Checked checked;
    private final Map<Context, Map<Expr.Iterate, Context>> scopes = new HashMap<>();
    private int count;

    /** A part that has been checked and must be an array. */
    @FunctionalInterface
    interface Checked {
        Node whole(Expr part, Context context, String where);
    }

    Iterations(Nodes nodes, Indexing indexing, Checked checked) {
        this.nodes = nodes;
        this.indexing = indexing;
        this.checked = checked;
    }

    /** What surrounds the steps of an iterate. */
    Context inside(Expr.Iterate iterate, Context outside) {
        return scopes.computeIfAbsent(outside, context -> new IdentityHashMap<>())
                .computeIfAbsent(iterate, of -> outside.within(new Context.Scope(of, outside, count++)));
    }

    /** The state that a name stands for, if it does. */
    Optional<Typed> state(String name, Context context) {
        for (Optional<Context.Scope> at = context.scope(); at.isPresent(); at = at.get().outside.scope()) {
            Context.Scope scope = at.get();
            for (int k = 0; k < scope.iterate.fields().size(); k++) {
                Expr.Field field = scope.iterate.fields().get(k);
                if (field.name().equals(name)) {
                    return Optional.of(Typed.strong(state(scope, k)));
                }
            }
        }
        return Optional.empty();
    }

    private Node state(Context.Scope scope, int field) {
        ArrayType type = start(scope.iterate, field, scope.outside).type();
        return nodes.one(new Node.State(scope.number, field, type));
    }

    private Node start(Expr.Iterate iterate, int field, Context outside) {
        return checked.whole(iterate.fields().get(field).start(), outside, "time steps of");
    }

    Node iterate(Expr.Iterate iterate, Context context) {
        List<Node> starts = new ArrayList<>();
        List<Node> nexts = new ArrayList<>();
        Context inside = inside(iterate, context);
        for (int k = 0; k < iterate.fields().size(); k++) {
            Expr.Field field = iterate.fields().get(k);
            Node start = start(iterate, k, context);
            starts.add(start);
            nexts.add(next(field, start, checked.whole(field.next(), inside, "a time step that gives")));
            if (!start.type().equals(starts.getFirst().type())) {
                throw new ShapeException("found the fields " + iterate.fields().getFirst().name() + " of "
                        + told(starts.getFirst()) + " and " + field.name() + " of " + told(start)
                        + " in iterate, expected equal dtypes and shapes");
            }
        }
        if (iterate.steps() == 0) {
            return stacked(starts);
        }
        Node.Iteration iteration =
                new Node.Iteration(inside.scope().orElseThrow().number, starts, List.of(), nexts, iterate.steps());
        List<Node> fields = new ArrayList<>();
        for (int k = 0; k < starts.size(); k++) {
            fields.add(nodes.one(new Node.Iterated(iteration, k, starts.get(k).type())));
        }
        return stacked(fields);
    }

    private Node next(Expr.Field field, Node start, Node next) {
        boolean literal = next instanceof Node.Constant && start.type().dtype().isFloat();
        Node cast = literal ? nodes.cast(next, start.type().dtype()) : next;
        if (cast.type().dtype() != start.type().dtype()) {
            throw new DTypeException("found a step of " + field.name() + " from " + told(start) + " to " + told(next)
                    + ", expected the same dtype; cast it, as " + start.type().dtype() + "(…)");
        }
        boolean scalar = cast.type().shape().rank() == 0;
        if (!cast.type().shape().equals(start.type().shape()) && !scalar) {
            throw new ShapeException("found a step of " + field.name() + " from " + told(start) + " to " + told(next)
                    + ", expected the same shape");
        }
        int rank = start.type().shape().rank();
        return scalar && rank > 0
                ? nodes.affine(cast, new long[0], new long[0][rank], start.type().shape())
                : cast;
    }

    private static String told(Node node) {
        return node.type().dtype() + node.type().shape().toString();
    }

    /** One field as it is, several along a new leading axis. */
    private Node stacked(List<Node> fields) {
        return fields.size() == 1
                ? fields.getFirst()
                : nodes.concat(fields.stream().map(field -> indexing.insert(field, 0)).toList(), 0);
    }
}
