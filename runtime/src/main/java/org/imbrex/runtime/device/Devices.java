package org.imbrex.runtime.device;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.Stage;

/**
 * The devices of this machine, found when they are first asked for. A backend is looked through once; what it found is
 * closed with this.
 */
public final class Devices implements AutoCloseable {
    /** Below so many bytes of input and output a GPU could not pay for being looked for. */
    public static final long SMALL_BYTES = 32L << 20;

    private final Map<String, Backend> backends = new LinkedHashMap<>();
    private final Map<String, Backend.Discovery> found = new LinkedHashMap<>();

    /**
     * What a selection gave.
     *
     * @param standIns those among the devices that take only stages that no other takes
     * @param notes what the user should know of it, one line each
     */
    public record Selection(List<Device> devices, List<Device> standIns, List<String> notes) {

        /** Whether a device is to work on a stage. */
        public boolean takes(Device device, Stage stage) {
            return device.takes(stage)
                    && (!standIns.contains(device)
                            || devices.stream().noneMatch(other -> !standIns.contains(other) && other.takes(stage)));
        }

        private boolean isTaken(Stage stage) {
            return devices.stream().anyMatch(device -> device.takes(stage));
        }
    }

    /** @param backends in the order of preference; the first one serves small work */
    public Devices(List<Backend> backends) {
        backends.forEach(backend -> this.backends.put(backend.name(), backend));
    }

    /** The backends' names. */
    public List<String> backends() {
        return List.copyOf(backends.keySet());
    }

    /** What a backend found; looks for it now if nobody has. */
    public synchronized Backend.Discovery discover(String backend) {
        return found.computeIfAbsent(backend, name -> backends.get(name).discover());
    }

    /** Every device there is. */
    public List<DeviceInfo> all() {
        List<DeviceInfo> all = new ArrayList<>();
        for (String backend : backends.keySet()) {
            discover(backend).devices().forEach(device -> all.add(device.info()));
        }
        return all;
    }

    /** Every device whose sizes can be chosen. */
    public List<Device> tunable() {
        List<Device> those = new ArrayList<>();
        for (String backend : backends.keySet()) {
            discover(backend).devices().stream().filter(Device::isTunable).forEach(those::add);
        }
        return those;
    }

    /** What is missing to find more, or is broken. */
    public List<String> notes() {
        List<String> notes = new ArrayList<>();
        for (String backend : backends.keySet()) {
            notes.addAll(discover(backend).notes());
        }
        return notes;
    }

    /** What a user could set up to find more. */
    public List<String> hints() {
        List<String> hints = new ArrayList<>();
        for (String backend : backends.keySet()) {
            hints.addAll(discover(backend).hints());
        }
        return hints;
    }

    /**
     * The devices that a user asks for.
     *
     * @param text {@code auto}, {@code all}, a backend's name, a device's id, or several with commas between
     * @param fast whether devices whose divisions or roots are not correctly rounded may be used
     * @param workBytes about how much the work reads and writes; {@code auto} does not look for a GPU for little
     * @throws DeviceException where there is no such device, or it may not be used
     */
    public Selection select(String text, boolean fast, long workBytes) {
        List<Device> chosen = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            List<Device> more = switch (part.strip()) {
                case "auto" -> automatic(fast, workBytes, notes);
                case "all" -> everything(fast, notes);
                default -> List.of(named(part.strip(), fast));
            };
            more.stream().filter(device -> !chosen.contains(device)).forEach(chosen::add);
        }
        if (chosen.isEmpty()) {
            throw new DeviceException(DeviceException.Kind.UNSUPPORTED, "found no device for '" + text + "'"
                    + (notes.isEmpty() ? "" : ": " + String.join("; ", notes)) + "; expected one of "
                    + String.join(", ", backends.keySet()));
        }
        return new Selection(List.copyOf(chosen), List.of(), List.copyOf(notes));
    }

    /**
     * A selection that takes all stages: where none of its devices takes one, the first backend's device stands in, and
     * a note says so.
     */
    public Selection completed(Selection selection, List<Stage> stages) {
        List<Device> chosen = new ArrayList<>(selection.devices());
        List<Device> standIns = new ArrayList<>();
        List<String> notes = new ArrayList<>(selection.notes());
        for (Device device : selection.devices()) {
            if (!stages.stream().allMatch(device::takes)) {
                notes.add(device.info().id() + ": takes no stages that need whole lines, as sorting does"
                        + (stages.stream().anyMatch(s -> s instanceof LineStage) ? "" : ", nor several time steps at once"));
            }
        }
        if (!stages.stream().allMatch(selection::isTaken)) {
            for (Device device : discover(backends.keySet().iterator().next()).devices()) {
                if (standIns.isEmpty() && stages.stream().allMatch(s -> selection.isTaken(s) || device.takes(s))) {
                    standIns.add(device);
                    notes.add(device.info().id() + ": stands in for those stages, on this machine's processor");
                }
            }
        }
        chosen.addAll(standIns);
        return notes.equals(selection.notes())
                ? selection
                : new Selection(List.copyOf(chosen), List.copyOf(standIns), List.copyOf(notes));
    }

    private List<Device> automatic(boolean fast, long workBytes, List<String> notes) {
        String first = backends.keySet().iterator().next();
        List<Device> chosen = new ArrayList<>(discover(first).devices());
        List<String> others = backends.keySet().stream()
                .filter(name -> !name.equals(first) && !name.equals("reference"))
                .toList();
        if (workBytes < SMALL_BYTES && !chosen.isEmpty()) {
            others.stream()
                    .filter(name -> !backends.get(name).isLastResort())
                    .forEach(name -> notes.add(name + ": not looked for, the work is small"));
            return chosen;
        }
        for (String backend : others) {
            boolean isLast = backends.get(backend).isLastResort();
            if (isLast && chosen.stream().anyMatch(device -> !device.info().hostCpu())) {
                continue;
            }
            Backend.Discovery discovery = discover(backend);
            notes.addAll(discovery.notes());
            for (Device device : discovery.devices()) {
                DeviceInfo info = device.info();
                if (info.hostCpu()) {
                    notes.add(info.id() + ": not used, it is this machine's own processor, as " + first + " is");
                } else if (!info.exact() && !fast) {
                    notes.add(info.id() + ": not used, its arithmetic is not correctly rounded; --fast allows it");
                } else {
                    chosen.add(device);
                }
            }
        }
        return chosen;
    }

    private List<Device> everything(boolean fast, List<String> notes) {
        List<Device> chosen = new ArrayList<>();
        for (String backend : backends.keySet()) {
            if (!backend.equals("reference")) {
                notes.addAll(discover(backend).notes());
                for (Device device : discover(backend).devices()) {
                    if (device.info().exact() || fast) {
                        chosen.add(device);
                    } else {
                        notes.add(device.info().id()
                                + ": not used, its arithmetic is not correctly rounded; --fast allows it");
                    }
                }
            }
        }
        return chosen;
    }

    private Device named(String id, boolean fast) {
        String backend = id.contains(":") ? id.substring(0, id.indexOf(':')) : id;
        if (!backends.containsKey(backend)) {
            throw new DeviceException(DeviceException.Kind.UNSUPPORTED, "found the device '" + id
                    + "', expected auto, all, or one of " + String.join(", ", backends.keySet())
                    + " (a backend's further devices as opencl:1)");
        }
        Backend.Discovery discovery = discover(backend);
        String wanted = id.contains(":") ? id : id + ":0";
        for (Device device : discovery.devices()) {
            String has = device.info().id();
            if (has.equals(id) || has.equals(wanted)) {
                if (!device.info().exact() && !fast) {
                    throw new DeviceException(DeviceException.Kind.UNSUPPORTED, "device " + has + " ("
                            + device.info().name() + ") does not round divisions and roots correctly or flushes small"
                            + " numbers to zero, so its bits would differ; --fast allows it");
                }
                return device;
            }
        }
        List<String> ids = discovery.devices().stream().map(device -> device.info().id()).toList();
        throw new DeviceException(DeviceException.Kind.UNSUPPORTED, "found no device '" + id + "', "
                + (ids.isEmpty()
                        ? "backend " + backend + " has none"
                                + (discovery.all().isEmpty() ? "" : ": " + String.join("; ", discovery.all()))
                        : "expected one of " + String.join(", ", ids)));
    }

    @Override
    public synchronized void close() {
        found.values().forEach(discovery -> discovery.devices().forEach(Device::close));
        found.clear();
    }
}
