package org.imbrex.runtime.tune;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.device.Tuning;
import org.imbrex.runtime.device.Tunings;
import org.imbrex.runtime.host.CacheFolder;

/**
 * Tunings on disk, a small text file for each device: the format's version, the device that was measured, the sizes, the
 * word {@code end}. A file that is broken, of another version or of another device is as if it were not there, and a line
 * says so.
 */
public final class TuningFiles implements Tunings {
    private static final String FIRST = "imbrex tuning 1";
    private static final String LAST = "end";
    private static final int MOST_BYTES = 4 << 10;

    private final Optional<Path> folder;

    /** @param folder where they lie; empty where nothing is kept */
    public TuningFiles(Optional<Path> folder) {
        this.folder = folder;
    }

    /** Those of this user. */
    public static TuningFiles ofUser() {
        return new TuningFiles(CacheFolder.of("tuning"));
    }

    /** Where a device's tuning lies, or would. */
    public Optional<Path> file(DeviceInfo device) {
        CRC32 crc = new CRC32();
        crc.update(device(device).getBytes(StandardCharsets.UTF_8));
        String name = String.format(Locale.ROOT, "%s-%08x.txt", device.backend(), crc.getValue());
        return folder.map(in -> in.resolve(name));
    }

    /** What tells a device from others; how much of its memory is free, and its number, may change. */
    private static String device(DeviceInfo device) {
        return String.join(
                "\n",
                "backend " + device.backend(),
                "name " + device.name().replaceAll("\\s+", " "),
                "driver " + device.driver().replaceAll("\\s+", " "),
                "units " + device.units(),
                "cache_bytes " + device.cacheBytes());
    }

    @Override
    public Found of(DeviceInfo device) {
        Optional<Path> file = file(device);
        if (file.isEmpty() || !Files.isRegularFile(file.get())) {
            return new Found(Optional.empty(), List.of());
        }
        try (InputStream in = Files.newInputStream(file.get())) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new ImbrexException("found more than " + MOST_BYTES + " bytes");
            }
            return new Found(Optional.of(parse(new String(bytes, StandardCharsets.UTF_8), device)), List.of());
        } catch (IOException | ImbrexException e) {
            return new Found(
                    Optional.empty(),
                    List.of(device.id() + ": the tuning in " + file.get() + " is not used: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse("it cannot be read")
                            + "; 'imbrex devices --tune' measures anew"));
        }
    }

    /** @throws IOException where the folder cannot be written, or there is none */
    public Path store(DeviceInfo device, Tuning tuning) throws IOException {
        Path file = file(device).orElseThrow(() -> new IOException("this user has no cache folder; XDG_CACHE_HOME names one"));
        CacheFolder.write(file, text(device, tuning).getBytes(StandardCharsets.UTF_8));
        return file;
    }

    static String text(DeviceInfo device, Tuning tuning) {
        StringBuilder text = new StringBuilder(FIRST).append('\n').append(device(device)).append('\n');
        tuning.numbers().forEach((name, number) -> text.append(name).append(' ').append(number).append('\n'));
        return text.append(LAST).append('\n').toString();
    }

    /** @throws ImbrexException where the text is no tuning of that device */
    static Tuning parse(String text, DeviceInfo device) {
        List<String> lines = text.lines().toList();
        List<String> head = device(device).lines().toList();
        if (lines.isEmpty() || !lines.getFirst().equals(FIRST)) {
            throw new ImbrexException("found the first line '" + (lines.isEmpty() ? "" : clipped(lines.getFirst()))
                    + "', expected '" + FIRST + "'");
        }
        for (int k = 0; k < head.size(); k++) {
            String line = k + 1 < lines.size() ? lines.get(k + 1) : "";
            if (!line.equals(head.get(k))) {
                throw new ImbrexException("found line " + (k + 2) + " '" + clipped(line) + "', expected '" + head.get(k) + "'");
            }
        }
        if (!lines.getLast().equals(LAST)) {
            throw new ImbrexException("found the last line '" + clipped(lines.getLast()) + "', expected '" + LAST + "'");
        }
        Map<String, Long> numbers = new LinkedHashMap<>();
        for (String line : lines.subList(head.size() + 1, lines.size() - 1)) {
            if (!line.matches("[a-z_]+ [0-9]{1,18}")) {
                throw new ImbrexException("found '" + clipped(line) + "', expected a name and a number");
            }
            String[] words = line.split(" ");
            if (numbers.put(words[0], Long.parseLong(words[1])) != null) {
                throw new ImbrexException("found " + words[0] + " twice, expected each size once");
            }
        }
        return Tuning.of(numbers);
    }

    private static String clipped(String line) {
        return line.length() <= 40 ? line : line.substring(0, 40) + "…";
    }
}
