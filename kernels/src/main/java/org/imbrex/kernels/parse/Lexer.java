package org.imbrex.kernels.parse;

import java.util.ArrayList;
import java.util.List;

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
            return new Token(Token.Kind.NAME, text.substring(from, at), from);
        }
        if (isDigit(c) || (c == '.' && at + 1 < text.length() && isDigit(text.charAt(at + 1)))) {
            return number();
        }
        if (c == '\'' || c == '"') {
            int end = text.indexOf(c, at + 1);
            if (end < 0) {
                throw SyntaxException.at(text, from, "found a text without its closing " + c);
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
        throw SyntaxException.at(text, from, "found the character '" + Character.toString(text.codePointAt(at))
                + "', expected a name, a number or an operator");
    }

    private Token number() {
        int from = at;
        if (text.startsWith("0x", at) || text.startsWith("0X", at)) {
            at += 2;
            while (at < text.length() && (Character.digit(text.charAt(at), 16) >= 0 || text.charAt(at) == '_')) {
                at++;
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
            throw SyntaxException.at(text, at, "found '" + text.charAt(at) + "' after the number "
                    + text.substring(from, at) + ", expected an operator");
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
