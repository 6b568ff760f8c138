package org.imbrex.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a run ran on, by name: what the system tells of it, and nothing where it tells nothing. */
public final class Machine {
    private Machine() {}

    /** Processor, caches, memory, system and JDK. */
    public static Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        List<String> processor = lines("/proc/cpuinfo");
        int cores = Runtime.getRuntime().availableProcessors();
        facts.put("processor", value(processor, "model name").orElse(System.getProperty("os.arch")) + ", " + cores
                + (cores == 1 ? " core" : " cores"));
        value(processor, "flags").ifPresent(flags -> {
            facts.put("vectors", flags.contains("avx512f") ? "AVX-512" : flags.contains("avx2") ? "AVX2" : "SSE");
            if (flags.contains("hypervisor")) {
                facts.put("virtual", "a virtual machine: cores, caches and bandwidth may be shared with others");
            }
        });
        String caches = caches();
        if (!caches.isEmpty()) {
            facts.put("caches", caches);
        }
        value(lines("/proc/meminfo"), "MemTotal").ifPresent(kib -> facts.put("memory", String.format(
                Locale.ROOT, "%.1f GiB", Double.parseDouble(kib.replaceAll("\\D", "")) / (1 << 20))));
        lines("/sys/kernel/mm/transparent_hugepage/enabled").stream()
                .findFirst()
                .ifPresent(mode -> facts.put("huge pages", mode.replaceAll(".*\\[(\\w+)\\].*", "$1")));
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("JDK", System.getProperty("java.vendor.version", System.getProperty("java.vendor")) + ", "
                + System.getProperty("java.runtime.version"));
        return facts;
    }

    private static Optional<String> value(List<String> lines, String key) {
        return lines.stream()
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst();
    }

    private static String caches() {
        Map<String, String> sizes = new TreeMap<>();
        for (int index = 0; index < 8; index++) {
            String folder = "/sys/devices/system/cpu/cpu0/cache/index" + index + "/";
            Optional<String> level = lines(folder + "level").stream().findFirst();
            Optional<String> size = lines(folder + "size").stream().findFirst();
            boolean code = lines(folder + "type").contains("Instruction");
            if (level.isPresent() && size.isPresent() && !code) {
                sizes.put("L" + level.get(), size.get().replace("K", " KiB").replace("M", " MiB"));
            }
        }
        StringBuilder text = new StringBuilder();
        sizes.forEach((level, size) -> text.append(text.isEmpty() ? "" : ", ").append(level).append(' ').append(size));
        return text.toString();
    }

    private static List<String> lines(String file) {
        Path path = Path.of(file);
        if (!Files.isReadable(path)) {
            return List.of();
        }
        try {
            return Files.readAllLines(path);
        } catch (IOException unreadable) {
            return List.of();
        }
    }
}
