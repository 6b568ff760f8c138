package org.imbrex.kernels.parse;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.imbrex.kernels.expr.Names;

/** Cuts an expression's text into tokens. */
final class Lexer {
    private static final String[] SYMBOLS = {
        "...", "**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "@", "<", ">", "&", "|", "^", "~", "(", ")",
        "[", "]", ",", ":", "="
    };

    private final String text;
    private int at;

    private Lexer(String text) {
        this.text = text;
    }

    static List<Token> tokens(String text) {
        Lexer lexer = new Lexer(text);
        List<Token> tokens = new ArrayList<>();
        Token token;
        do {
            token = lexer.next();
            tokens.add(token);
        } while (token.kind() != Token.Kind.END);
        return tokens;
    }

    private Token next() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        if (at == text.length()) {
            return new Token(Token.Kind.END, "", at);
        }
        char c = text.charAt(at);
        int from = at;
        if (isLetter(c)) {
            while (at < text.length() && (isLetter(text.charAt(at)) || isDigit(text.charAt(at)))) {
                at++;
            }
            if (at - from > Names.MOST_CHARACTERS) {
                throw SyntaxException.at(
                        text,
                        from,
                        "found a name of " + (at - from) + " characters, expected at most " + Names.MOST_CHARACTERS);
            }
            return new Token(Token.Kind.NAME, text.substring(from, at), from);
        }
        if (isDigit(c) || (c == '.' && at + 1 < text.length() && isDigit(text.charAt(at + 1)))) {
            return number();
        }
        if (c == '\'' || c == '"') {
            int end = text.indexOf(c, at + 1);
            if (end < 0) {
                throw SyntaxException.at(text, from, "found a text without its end, expected " + c);
            }
            at = end + 1;
            return new Token(Token.Kind.STRING, text.substring(from + 1, end), from);
        }
        for (String symbol : SYMBOLS) {
            if (text.startsWith(symbol, at)) {
                at += symbol.length();
                return new Token(Token.Kind.SYMBOL, symbol, from);
            }
        }
        int point = text.codePointAt(at);
        String shown =
                point > ' ' && point < 0x7f ? "'" + Character.toString(point) + "'" : String.format("U+%04X", point);
        throw SyntaxException.at(
                text,
                from,
                "found the character " + shown + ", expected a name, a number or an operator"
                        + (point == '!' ? "; perhaps ~ for not" : ""));
    }

    private Token number() {
        int from = at;
        if (text.startsWith("0x", at) || text.startsWith("0X", at)) {
            at += 2;
            int digits = at;
            while (at < text.length() && (HexFormat.isHexDigit(text.charAt(at)) || text.charAt(at) == '_')) {
                at++;
            }
            if (text.substring(digits, at).replace("_", "").isEmpty()) {
                throw SyntaxException.at(text, at, "found no digit after 0x, expected a hexadecimal number");
            }
            return end(Token.Kind.INTEGER, from);
        }
        boolean real = digits();
        if (at < text.length() && text.charAt(at) == '.' && !text.startsWith("...", at)) {
            at++;
            digits();
            real = true;
        } else {
            real = false;
        }
        if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            int sign = at + 1 < text.length() && (text.charAt(at + 1) == '-' || text.charAt(at + 1) == '+') ? 1 : 0;
            if (at + 1 + sign < text.length() && isDigit(text.charAt(at + 1 + sign))) {
                at += 1 + sign;
                digits();
                real = true;
            }
        }
        return end(real ? Token.Kind.REAL : Token.Kind.INTEGER, from);
    }

    private Token end(Token.Kind kind, int from) {
        if (at < text.length() && isLetter(text.charAt(at))) {
            throw SyntaxException.at(
                    text,
                    at,
                    "found '" + text.charAt(at) + "' after the number " + text.substring(from, at)
                            + ", expected an operator");
        }
        return new Token(kind, text.substring(from, at).replace("_", ""), from);
    }

    private boolean digits() {
        int from = at;
        while (at < text.length() && (isDigit(text.charAt(at)) || (text.charAt(at) == '_' && at > from))) {
            at++;
        }
        return at > from;
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
