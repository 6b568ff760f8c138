package org.imbrex.bench.peer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.imbrex.bench.measure.Trial;
import org.imbrex.bench.work.Work;
import org.imbrex.kernels.type.ArrayType;

/**
 * NumPy, NumExpr, PyTorch and CuPy in one Python process for each number of threads; it waits between turns. It reads the
 * inputs from files, and times itself.
 */
final class PythonPeers implements AutoCloseable {
    static final List<String> NAMES = List.of("numpy", "numexpr", "torch", "cupy");
    private static final Pattern FACT = Pattern.compile("\"(\\w+)\": (?:\"([^\"]*)\"|(-?[0-9.eE+-]+|NaN|-?Infinity))");
    private static final String[] THREADS = {
        "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMEXPR_MAX_THREADS"
    };

    private final String interpreter;
    private final Path folder;
    private final Map<String, String> facts;
    private final Map<String, ArrayType> loaded = new HashMap<>();
    private Process process;
    private Writer to;
    private BufferedReader from;
    private int threads;

    private PythonPeers(String interpreter) throws IOException {
        this.interpreter = interpreter;
        this.folder = Files.createTempDirectory("imbrex-peers-");
        try (InputStream text = PythonPeers.class.getResourceAsStream("peers.py")) {
            Files.copy(text, folder.resolve("peers.py"));
        }
        this.facts = start(1);
    }

    /** The Python with the most of them, of {@code IMBREX_PYTHON}, the one on the path and the system's own. */
    static Optional<PythonPeers> find() {
        List<String> candidates = new ArrayList<>();
        String told = System.getenv("IMBREX_PYTHON");
        candidates.addAll(told != null ? List.of(told) : List.of("python3", "/usr/bin/python3"));
        PythonPeers best = null;
        for (String candidate : candidates) {
            try {
                PythonPeers found = new PythonPeers(candidate);
                if (best == null || found.facts.size() > best.facts.size()) {
                    if (best != null) {
                        best.close();
                    }
                    best = found;
                } else {
                    found.close();
                }
            } catch (IOException absent) {
                continue;
            }
        }
        return Optional.ofNullable(best);
    }

    /** Those that this Python has. */
    List<Peer> peers() {
        return NAMES.stream().filter(facts::containsKey).map(name -> (Peer) new PythonPeer(name)).toList();
    }

    private Map<String, String> start(int count) throws IOException {
        stop();
        ProcessBuilder builder = new ProcessBuilder(interpreter, "-u", folder.resolve("peers.py").toString());
        for (String name : THREADS) {
            builder.environment().put(name, Integer.toString(count));
        }
        CoreType.toTell().ifPresent(core -> builder.environment().put(CoreType.VARIABLE, core));
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        process = builder.start();
        to = process.outputWriter(StandardCharsets.UTF_8);
        from = process.inputReader(StandardCharsets.UTF_8);
        threads = count;
        return ask("hello", Integer.toString(count));
    }

    private Map<String, String> ask(String... words) throws IOException {
        to.write(String.join("\t", words) + "\n");
        to.flush();
        String line = from.readLine();
        if (line == null) {
            throw new IOException(interpreter + " stopped at '" + words[0] + "'");
        }
        Map<String, String> answer = new HashMap<>();
        Matcher matcher = FACT.matcher(line);
        while (matcher.find()) {
            answer.put(matcher.group(1), matcher.group(2) != null ? matcher.group(2) : matcher.group(3));
        }
        if (answer.containsKey("error")) {
            throw new IOException(answer.get("error"));
        }
        return answer;
    }

    private double number(String key, String... words) {
        try {
            return Double.parseDouble(ask(words).get(key));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Hands over what it has not got: a name and a type say what an input is, as it is made by seed. */
    private void load(Work work, Map<String, MemorySegment> inputs) throws IOException {
        loaded.entrySet().removeIf(entry -> !entry.getValue().equals(work.inputs().get(entry.getKey())));
        ask("keep", String.join(",", loaded.keySet()));
        for (Map.Entry<String, MemorySegment> input : inputs.entrySet()) {
            if (loaded.containsKey(input.getKey())) {
                continue;
            }
            Path file = folder.resolve(input.getKey());
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                MemorySegment memory = input.getValue();
                for (long at = 0; at < memory.byteSize(); ) {
                    long part = Math.min(1 << 28, memory.byteSize() - at);
                    at += channel.write(memory.asSlice(at, part).asByteBuffer());
                }
            }
            ArrayType type = work.inputs().get(input.getKey());
            String shape = LongStream.of(type.shape().extents()).mapToObj(Long::toString).collect(Collectors.joining(","));
            ask("load", input.getKey(), file.toString(), type.dtype().text(), shape);
            Files.delete(file);
            loaded.put(input.getKey(), type);
        }
    }

    private final class PythonPeer implements Peer {
        private final String name;

        private PythonPeer(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public String version() {
            String blas = facts.getOrDefault("blas", "");
            return name + " " + facts.get(name) + " on Python " + facts.get("python")
                    + (name.equals("numpy") && !blas.isEmpty() ? " with " + blas : "");
        }

        @Override
        public String note() {
            String core = facts.getOrDefault("core", "");
            return name.equals("numpy") && !core.isEmpty() ? "OpenBLAS core " + core : "";
        }

        @Override
        public boolean takes(Work work) {
            return number("knows", "knows", name, work.family()) != 0;
        }

        @Override
        public Optional<Trial> trial(Work work, Map<String, MemorySegment> inputs, int count) {
            if (!takes(work)) {
                return Optional.empty();
            }
            try {
                if (count != threads) {
                    loaded.clear();
                    start(count);
                }
                load(work, inputs);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            String names = String.join(",", inputs.keySet());
            return Optional.of(new Trial() {
                @Override
                public double seconds(int times) {
                    return number("seconds", "run", name, work.family(), names, Integer.toString(times));
                }

                @Override
                public double check() {
                    return number("sum", "check", name, work.family(), names);
                }
            });
        }
    }

    private void stop() {
        if (process == null) {
            return;
        }
        process.destroy();
        try {
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process = null;
    }

    @Override
    public void close() {
        stop();
        try {
            Files.deleteIfExists(folder.resolve("peers.py"));
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("the peers' temporary folder is not empty", e);
        }
    }
}
