package org.imbrex.kernels.expr;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The id of an expression: the digest of a part is that of its own label followed by its parts' digests. Unlike a
 * digest of the text, it takes each shared part once.
 */
final class ExprHash {
    private ExprHash() {}

    static String of(Expr expr) {
        MessageDigest sha = sha256();
        Map<Expr, byte[]> digests = new IdentityHashMap<>();
        for (Expr part : ExprGraph.parts(List.of(expr))) {
            byte[] label = label(part).getBytes(StandardCharsets.UTF_8);
            sha.update((byte) (label.length >> 8));
            sha.update((byte) label.length);
            sha.update(label);
            for (Expr child : ExprGraph.children(part)) {
                sha.update(digests.get(child));
            }
            digests.put(part, sha.digest());
        }
        return HexFormat.of().formatHex(digests.get(expr));
    }

    /** All that a part says itself, without its parts. */
    private static String label(Expr expr) {
        return switch (expr) {
            case Expr.Input input -> "input " + input.name();
            case Expr.Literal literal -> "literal " + literal.kind() + " " + literal.bits();
            case Expr.Elementwise e -> "function " + e.function();
            case Expr.Cast cast -> "cast " + cast.dtype();
            case Expr.Index index -> "index " + index.subscripts();
            case Expr.Reduce reduce -> "reduce " + reduce.reduction() + " " + reduce.axes() + " " + reduce.keepdims();
            case Expr.Transpose transpose -> "transpose " + transpose.axes();
            case Expr.Reshape reshape -> "reshape " + reshape.shape();
            case Expr.Concat concat -> "concat " + concat.parts().size() + " " + concat.axis();
            case Expr.MatMul product -> "matmul";
            case Expr.Dot product -> "dot";
            case Expr.At at -> "at " + at.offsets();
            case Expr.Stencil stencil ->
                "stencil " + stencil.mode() + " " + stencil.fill().kind() + " "
                        + stencil.fill().bits();
            case Expr.Blocks blocks -> "blocks " + blocks.rows();
            case Expr.Rolling rolling -> "rolling " + rolling.rows();
            case Expr.WeightedMean mean -> "weighted mean " + mean.axes() + " " + mean.keepdims();
            case Expr.Random random ->
                random.distribution() + " " + random.shape() + " " + random.seed() + " " + random.dtype() + " "
                        + random.lo() + " " + random.hi();
            case Expr.Iterate iterate -> "iterate " + iterate.names() + " " + iterate.steps();
        };
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
