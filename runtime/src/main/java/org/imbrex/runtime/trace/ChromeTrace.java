package org.imbrex.runtime.trace;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Keeps spans and writes them in Chrome's trace event format, for chrome://tracing or Perfetto. */
public final class ChromeTrace implements Trace {
    private static final int MOST_SPANS = 1_000_000;

    private record Span(String name, String category, long thread, long began, long ended) {}

    private final ConcurrentLinkedQueue<Span> spans = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final long start = System.nanoTime();

    @Override
    public void span(String name, String category, long began, long ended) {
        if (count.getAndIncrement() < MOST_SPANS) {
            spans.add(new Span(name, category, Thread.currentThread().threadId(), began, ended));
        }
    }

    /** Writes the file beside its place and renames it. */
    public void write(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        Path beside = Files.createTempFile(folder, "." + file.getFileName(), ".partial");
        try {
            try (Writer out = Files.newBufferedWriter(beside)) {
                write(out);
            }
            Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    private void write(Writer out) throws IOException {
        Map<Long, Integer> threads = new LinkedHashMap<>();
        out.write("[");
        String between = "\n";
        for (Span span : spans) {
            int thread = threads.computeIfAbsent(span.thread(), t -> threads.size());
            out.write(between + "{\"name\":\"" + escape(span.name()) + "\",\"cat\":\"" + escape(span.category())
                    + "\",\"ph\":\"X\",\"pid\":1,\"tid\":" + thread + ",\"ts\":" + micros(span.began() - start)
                    + ",\"dur\":" + micros(span.ended() - span.began()) + "}");
            between = ",\n";
        }
        out.write("\n]\n");
    }

    private static String micros(long nanos) {
        return nanos / 1000 + "." + String.format("%03d", Math.floorMod(nanos, 1000));
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
