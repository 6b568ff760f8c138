package org.imbrex.host;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.fuse.Fuser;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.typing.Node;
import org.imbrex.kernels.typing.Typing;

/** Makes programs of expressions, and keeps those made last: a warm call finds its own. */
final class Programs {
    private static final int MOST = 256;

    private final Map<Key, Program> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Program> eldest) {
            return size() > MOST;
        }
    };

    /** @param expression its text, or {@link Same} */
    private record Key(Object expression, List<Input> inputs) {}

    private record Input(String name, ArrayType type, long[] strides) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Input i
                    && name.equals(i.name)
                    && type.equals(i.type)
                    && Arrays.equals(strides, i.strides);
        }

        @Override
        public int hashCode() {
            return name.hashCode() * 31 + type.hashCode();
        }
    }

    /** A tree by identity: comparing all of two would cost more than what is saved. */
    private record Same(Expr expression) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Same same && same.expression == expression;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(expression);
        }
    }

    Program of(String expression, Map<String, Array> inputs) {
        Key key = new Key(expression, inputs(inputs));
        Program program = find(key);
        return program != null ? program : make(key, Parser.parse(expression), inputs);
    }

    Program of(Expr expression, Map<String, Array> inputs) {
        Key key = new Key(new Same(expression), inputs(inputs));
        Program program = find(key);
        return program != null ? program : make(key, expression, inputs);
    }

    private synchronized Program find(Key key) {
        return known.get(key);
    }

    private static List<Input> inputs(Map<String, Array> inputs) {
        List<Input> list = new ArrayList<>(inputs.size());
        inputs.forEach((name, array) -> list.add(new Input(name, array.type(), array.strides())));
        return list;
    }

    private Program make(Key key, Expr expression, Map<String, Array> inputs) {
        Map<String, ArrayType> types = new LinkedHashMap<>();
        inputs.forEach((name, array) -> types.put(name, array.type()));
        Node node = Typing.check(expression, types);
        Map<String, Program.Buffer> buffers = new LinkedHashMap<>();
        for (String name : expression.inputs()) {
            Array array = inputs.get(name);
            if (array != null) {
                buffers.put(name, new Program.Buffer(array.dtype(), array.shape(), array.strides()));
            }
        }
        Program program = Fuser.fuse(List.of(node), buffers);
        synchronized (this) {
            known.put(key, program);
        }
        return program;
    }
}
