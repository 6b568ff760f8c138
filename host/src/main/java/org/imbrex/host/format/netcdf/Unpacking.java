package org.imbrex.host.format.netcdf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.imbrex.host.format.Fact;
import org.imbrex.host.format.FormatException;
import org.imbrex.host.format.file.Decoder;
import org.imbrex.host.format.file.StoredType;
import org.imbrex.kernels.type.DType;

/**
 * Turns stored values into what they mean, by the NetCDF User Guide's and CF's conventions: values equal to
 * {@code _FillValue} or {@code missing_value} become NaN, the others {@code value * scale_factor + add_offset},
 * computed in float64 and rounded once.
 */
final class Unpacking implements Decoder {
    private static final ByteOrder ORDER = ByteOrder.BIG_ENDIAN;

    private final StoredType stored;
    private final DType dtype;
    private final double[] missing;
    private final long[] missingLongs;
    private final Scale scale;
    private final Scale offset;

    private Unpacking(StoredType stored, DType dtype, List<Number> missing, Scale scale, Scale offset) {
        this.stored = stored;
        this.dtype = dtype;
        this.missing = missing.stream()
                .mapToDouble(n -> stored == StoredType.F32 ? n.floatValue() : n.doubleValue())
                .toArray();
        this.missingLongs = missing.stream()
                .filter(Long.class::isInstance)
                .mapToLong(Number::longValue)
                .toArray();
        this.scale = scale;
        this.offset = offset;
    }

    /** How to read a variable of that type; facts tell what becomes of its values. */
    static Decoder of(Path file, String variable, NetcdfType type, List<Attribute> attributes, List<Fact> facts) {
        boolean unsigned = attributes.stream()
                .anyMatch(a -> a.name().equals("_Unsigned") && a.text().equalsIgnoreCase("true"));
        StoredType stored = unsigned(type.stored().orElseThrow(), unsigned);
        List<Number> missing = new ArrayList<>();
        List<String> shown = new ArrayList<>();
        for (Attribute attribute : attributes) {
            if (attribute.name().equals("_FillValue") || attribute.name().equals("missing_value")) {
                attribute.numbers().forEach(n -> missing.add(wrapped(n, stored)));
                if (!attribute.numbers().isEmpty() && !shown.contains(attribute.value())) {
                    shown.add(attribute.value());
                }
            }
        }
        Scale scale = Scale.of(file, variable, attributes, "scale_factor", 1);
        Scale offset = Scale.of(file, variable, attributes, "add_offset", 0);
        boolean packed = scale.given() || offset.given();
        if (missing.isEmpty() && !packed) {
            if (!stored.text().equals(stored.dtype().text())) {
                facts.add(new Fact("stored as", stored.text() + ", read as " + stored.dtype()));
            }
            return stored.decoder(ORDER);
        }
        DType dtype = packed ? unpackedType(stored, scale, offset) : floatFor(stored);
        if (!missing.isEmpty()) {
            facts.add(new Fact("missing", String.join(", ", shown) + ", read as NaN"));
        }
        if (packed) {
            facts.add(
                    new Fact("packed", "as " + stored.text() + ", times " + scale.value() + " plus " + offset.value()));
        }
        if (!stored.text().equals(dtype.text())) {
            facts.add(new Fact("stored as", stored.text() + ", read as " + dtype));
        }
        return new Unpacking(stored, dtype, missing, scale, offset);
    }

    private record Scale(boolean given, boolean single, double value) {
        static Scale of(Path file, String variable, List<Attribute> attributes, String name, double usual) {
            for (Attribute attribute : attributes) {
                if (attribute.name().equals(name)) {
                    if (attribute.numbers().size() != 1) {
                        throw FormatException.of(
                                file,
                                "found '" + attribute.value() + "' as the " + name + " of " + variable
                                        + ", expected one number");
                    }
                    return new Scale(
                            true,
                            attribute.type() == NetcdfType.FLOAT,
                            attribute.numbers().getFirst().doubleValue());
                }
            }
            return new Scale(false, true, usual);
        }
    }

    private static StoredType unsigned(StoredType stored, boolean unsigned) {
        return switch (stored) {
            case I8 -> unsigned ? StoredType.U8 : stored;
            case I16 -> unsigned ? StoredType.U16 : stored;
            case I32 -> unsigned ? StoredType.U32 : stored;
            default -> stored;
        };
    }

    /** A signed type's attribute on values that are read as unsigned means the same bits. */
    private static Number wrapped(Number number, StoredType stored) {
        boolean unsigned = stored == StoredType.U8 || stored == StoredType.U16 || stored == StoredType.U32;
        return unsigned && number instanceof Long value && value < 0
                ? (Number) (value + (1L << 8 * stored.bytes()))
                : number;
    }

    /** The float type that has NaN and holds the integers: float32 to 16 bits, float64 beyond. */
    private static DType floatFor(StoredType stored) {
        return switch (stored) {
            case F32, I8, U8, I16, U16 -> DType.F32;
            default -> DType.F64;
        };
    }

    private static DType unpackedType(StoredType stored, Scale scale, Scale offset) {
        return scale.single() && offset.single() ? floatFor(stored) : DType.F64;
    }

    @Override
    public DType dtype() {
        return dtype;
    }

    @Override
    public int storedBytes() {
        return stored.bytes();
    }

    @Override
    public void decode(MemorySegment from, MemorySegment into, long count) {
        stored.toNative(from, count, ORDER);
        for (long i = 0; i < count; i++) {
            double value = absent(from, i) ? Double.NaN : element(from, i);
            // Only where given: adding 0 would turn -0 into 0.
            value = scale.given ? value * scale.value : value;
            value = offset.given ? value + offset.value : value;
            if (dtype == DType.F32) {
                into.set(ValueLayout.JAVA_FLOAT_UNALIGNED, i << 2, (float) value);
            } else {
                into.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, i << 3, value);
            }
        }
    }

    private boolean absent(MemorySegment from, long i) {
        if (stored == StoredType.I64) {
            // Beyond 2^53 neighbours are one float64.
            long value = from.get(ValueLayout.JAVA_LONG_UNALIGNED, i << 3);
            for (long m : missingLongs) {
                if (value == m) {
                    return true;
                }
            }
            return false;
        }
        double value = element(from, i);
        for (double m : missing) {
            if (value == m) {
                return true;
            }
        }
        return false;
    }

    private double element(MemorySegment from, long i) {
        return switch (stored) {
            case I8 -> from.get(ValueLayout.JAVA_BYTE, i);
            case U8 -> from.get(ValueLayout.JAVA_BYTE, i) & 0xff;
            case I16 -> from.get(ValueLayout.JAVA_SHORT_UNALIGNED, i << 1);
            case U16 -> from.get(ValueLayout.JAVA_SHORT_UNALIGNED, i << 1) & 0xffff;
            case I32 -> from.get(ValueLayout.JAVA_INT_UNALIGNED, i << 2);
            case U32 -> from.get(ValueLayout.JAVA_INT_UNALIGNED, i << 2) & 0xffffffffL;
            case I64 -> from.get(ValueLayout.JAVA_LONG_UNALIGNED, i << 3);
            case F32 -> from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, i << 2);
            case F64 -> from.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, i << 3);
            case BOOL, F16 -> throw new AssertionError(stored);
        };
    }
}
