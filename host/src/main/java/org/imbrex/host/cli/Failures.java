package org.imbrex.host.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.imbrex.kernels.parse.SyntaxException;
import org.imbrex.kernels.type.ImbrexException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Tells a failure in one line on stderr and gives the exit status. */
final class Failures {

    static final int FAILED = 1;
    static final int USAGE = 2;

    private Failures() {}

    static int usage(ParameterException e, String[] args) {
        CommandLine line = e.getCommandLine();
        String name = line.getCommandSpec().qualifiedName();
        line.getErr().println(name + ": " + firstLine(e.getMessage()) + "; '" + name + " --help' tells more");
        return USAGE;
    }

    static int execution(Exception e, CommandLine line, ParseResult parsed) {
        return tell(e, line);
    }

    static int tell(Throwable e, CommandLine line) {
        ImbrexCommand root = (ImbrexCommand) root(line).getCommand();
        PrintWriter err = line.getErr();
        err.println(line.getCommandSpec().qualifiedName() + ": " + message(e));
        if (e instanceof SyntaxException syntax && Terminal.isTerminal(Terminal.STDERR)) {
            err.println(syntax.picture().indent(2).stripTrailing());
        }
        if (root.debug()) {
            e.printStackTrace(err);
        } else if (unexpected(e)) {
            err.println("  this is a fault of Imbrex's own; run it again with --debug for the stack trace");
        }
        err.flush();
        return FAILED;
    }

    /** What a user can act on. */
    static String message(Throwable e) {
        return switch (e) {
            case ImbrexException told -> told.getMessage();
            case NoSuchFileException missing -> missing.getFile() + ": no such file";
            case NotDirectoryException wrong -> wrong.getFile() + ": not a directory";
            case AccessDeniedException denied -> denied.getFile() + ": permission denied";
            case FileSystemException other ->
                other.getFile() + ": " + (other.getReason() == null ? "cannot be used" : other.getReason());
            case UncheckedIOException io -> message(io.getCause());
            case IOException io -> String.valueOf(io.getMessage());
            case OutOfMemoryError full ->
                "out of memory (" + full.getMessage() + "); give a smaller --memory, or the JVM more through IMBREX_JAVA_OPTS";
            default -> e.getClass().getSimpleName() + (e.getMessage() == null ? "" : ": " + e.getMessage());
        };
    }

    private static boolean unexpected(Throwable e) {
        return !(e instanceof ImbrexException || e instanceof IOException || e instanceof UncheckedIOException || e instanceof OutOfMemoryError);
    }

    private static CommandLine root(CommandLine line) {
        CommandLine root = line;
        while (root.getParent() != null) {
            root = root.getParent();
        }
        return root;
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end).stripTrailing();
    }
}
