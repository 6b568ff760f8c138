package org.imbrex.host.format;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Builds NetCDF classic files byte by byte, as the format's specification lays them out. */
final class NetcdfBytes {
    static final int BYTE = 1;
    static final int CHAR = 2;
    static final int SHORT = 3;
    static final int INT = 4;
    static final int FLOAT = 5;
    static final int DOUBLE = 6;
    static final int UBYTE = 7;
    static final int USHORT = 8;
    static final int UINT = 9;
    static final int INT64 = 10;
    static final int UINT64 = 11;

    private record Var(String name, int type, int[] dims, Map<String, Object[]> attributes, Number[] values) {}

    private final int version;
    private final Map<String, Long> dims = new LinkedHashMap<>();
    private final Map<String, Object[]> attributes = new LinkedHashMap<>();
    private final List<Var> vars = new ArrayList<>();
    private long records;

    NetcdfBytes(int version) {
        this.version = version;
    }

    /** A dimension; of length 0 the unlimited one. */
    NetcdfBytes dim(String name, long length) {
        dims.put(name, length);
        return this;
    }

    NetcdfBytes records(long count) {
        records = count;
        return this;
    }

    /** An attribute of the last variable, or of the file: its type, then numbers or one string. */
    NetcdfBytes attribute(String name, Object... value) {
        (vars.isEmpty() ? attributes : vars.getLast().attributes).put(name, value);
        return this;
    }

    NetcdfBytes var(String name, int type, int[] dims, Number... values) {
        vars.add(new Var(name, type, dims, new LinkedHashMap<>(), values));
        return this;
    }

    static int bytes(int type) {
        return new int[] {0, 1, 1, 2, 4, 4, 8, 1, 2, 4, 8, 8}[type];
    }

    byte[] build() {
        byte[] header = header(new long[vars.size()]);
        long[] begins = new long[vars.size()];
        long at = header.length;
        for (int pass = 0; pass < 2; pass++) {
            for (int i = 0; i < begins.length; i++) {
                if (isRecord(vars.get(i)) == (pass == 1)) {
                    begins[i] = at;
                    at += size(vars.get(i)) + pad(size(vars.get(i)));
                }
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(header(begins));
        for (Var v : vars) {
            if (!isRecord(v)) {
                values(out, v, 0, v.values.length);
                zeros(out, pad(size(v)));
            }
        }
        long recordVars = vars.stream().filter(this::isRecord).count();
        for (long r = 0; r < records; r++) {
            for (Var v : vars) {
                if (isRecord(v)) {
                    int run = (int) (size(v) / bytes(v.type));
                    values(out, v, (int) r * run, run);
                    zeros(out, recordVars == 1 ? 0 : pad(size(v)));
                }
            }
        }
        return out.toByteArray();
    }

    private byte[] header(long[] begins) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {'C', 'D', 'F', (byte) version});
        size(out, records);
        list(out, 10, dims.size());
        dims.forEach((name, length) -> {
            name(out, name);
            size(out, length);
        });
        attributes(out, attributes);
        list(out, 11, vars.size());
        for (int i = 0; i < begins.length; i++) {
            Var v = vars.get(i);
            name(out, v.name);
            size(out, v.dims.length);
            for (int d : v.dims) {
                size(out, d);
            }
            attributes(out, v.attributes);
            int32(out, v.type);
            size(out, size(v) + pad(size(v)));
            if (version == 1) {
                int32(out, (int) begins[i]);
            } else {
                out.writeBytes(ByteBuffer.allocate(8).putLong(begins[i]).array());
            }
        }
        return out.toByteArray();
    }

    private boolean isRecord(Var v) {
        return v.dims.length > 0 && length(v.dims[0]) == 0;
    }

    private long length(int dim) {
        return new ArrayList<>(dims.values()).get(dim);
    }

    private long size(Var v) {
        long size = bytes(v.type);
        for (int axis = isRecord(v) ? 1 : 0; axis < v.dims.length; axis++) {
            size *= length(v.dims[axis]);
        }
        return size;
    }

    private static int pad(long bytes) {
        return (int) (-bytes & 3);
    }

    private static void zeros(ByteArrayOutputStream out, int count) {
        out.writeBytes(new byte[count]);
    }

    private static void values(ByteArrayOutputStream out, Var v, int first, int count) {
        for (int i = first; i < first + count; i++) {
            value(out, v.type, v.values[i]);
        }
    }

    private static void value(ByteArrayOutputStream out, int type, Number value) {
        ByteBuffer bytes = ByteBuffer.allocate(8);
        switch (type) {
            case FLOAT -> bytes.putFloat(value.floatValue());
            case DOUBLE -> bytes.putDouble(value.doubleValue());
            default -> bytes.putLong(value.longValue() << 64 - 8 * bytes(type));
        }
        out.write(bytes.array(), 0, bytes(type));
    }

    private void attributes(ByteArrayOutputStream out, Map<String, Object[]> all) {
        list(out, 12, all.size());
        all.forEach((name, value) -> {
            int type = (int) value[0];
            name(out, name);
            int32(out, type);
            if (type == CHAR) {
                byte[] text = ((String) value[1]).getBytes(StandardCharsets.UTF_8);
                size(out, text.length);
                out.writeBytes(text);
                zeros(out, pad(text.length));
                return;
            }
            size(out, value.length - 1);
            for (int i = 1; i < value.length; i++) {
                value(out, type, (Number) value[i]);
            }
            zeros(out, pad((long) (value.length - 1) * bytes(type)));
        });
    }

    private void list(ByteArrayOutputStream out, int tag, int count) {
        int32(out, count == 0 ? 0 : tag);
        size(out, count);
    }

    private void name(ByteArrayOutputStream out, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        size(out, bytes.length);
        out.writeBytes(bytes);
        zeros(out, pad(bytes.length));
    }

    private void size(ByteArrayOutputStream out, long value) {
        if (version == 5) {
            out.writeBytes(ByteBuffer.allocate(8).putLong(value).array());
        } else {
            int32(out, (int) value);
        }
    }

    private static void int32(ByteArrayOutputStream out, int value) {
        out.writeBytes(ByteBuffer.allocate(4).putInt(value).array());
    }
}
