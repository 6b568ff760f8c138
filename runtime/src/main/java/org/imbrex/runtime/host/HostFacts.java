package org.imbrex.runtime.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.imbrex.runtime.device.DeviceInfo;

/** What this machine is, as far as the operating system tells. */
public final class HostFacts {
    private static final Path CACHES = Path.of("/sys/devices/system/cpu/cpu0/cache");
    private static final long USUAL_L2 = 1 << 20;

    private HostFacts() {}

    static DeviceInfo info(String backend, String how, int threads) {
        long memory = memoryBytes();
        return new DeviceInfo(
                backend,
                backend,
                how + " on " + processor(),
                "JVM " + Runtime.version(),
                true,
                threads,
                memory,
                memory,
                cacheBytes(),
                true,
                true);
    }

    /** Memory that may be used: the smaller of what is available and a container's limit; 2 GiB if nothing tells. */
    public static long memoryBytes() {
        long available = first(Path.of("/proc/meminfo"), "MemAvailable:")
                .map(kib -> Long.parseLong(kib.replace("kB", "").strip()) << 10)
                .orElse(2L << 30);
        long limit = first(Path.of("/sys/fs/cgroup/memory.max"), "")
                .filter(text -> text.chars().allMatch(Character::isDigit))
                .map(Long::parseLong)
                .orElse(Long.MAX_VALUE);
        return Math.min(available, limit);
    }

    private static String processor() {
        return first(Path.of("/proc/cpuinfo"), "model name")
                .map(text -> text.replaceFirst("^\\s*:\\s*", ""))
                .orElse(System.getProperty("os.arch"));
    }

    private static long cacheBytes() {
        return first(CACHES.resolve("index2/size"), "")
                .filter(text -> text.matches("\\d+K"))
                .map(text -> Long.parseLong(text.substring(0, text.length() - 1)) << 10)
                .orElse(USUAL_L2);
    }

    /** How many places a line has in the first-level data cache. */
    static Optional<Integer> firstLevelWays() {
        boolean data = first(CACHES.resolve("index0/type"), "").filter("Data"::equals).isPresent();
        return first(CACHES.resolve("index0/ways_of_associativity"), "")
                .filter(text -> data && text.matches("\\d{1,3}"))
                .map(Integer::parseInt);
    }

    private static Optional<String> first(Path file, String prefix) {
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(prefix))
                    .findFirst()
                    .map(line -> line.substring(prefix.length()).strip())
                    .filter(text -> !text.isEmpty());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
