package org.imbrex.host.node;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.imbrex.host.node.wire.Decoder;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.WireException;
import org.imbrex.runtime.device.Device;

/** What a node has done and is doing. */
final class NodeCounters {
    final AtomicLong tiles = new AtomicLong();
    final AtomicLong faults = new AtomicLong();
    final AtomicLong refusedPeers = new AtomicLong();
    final AtomicLong brokenConnections = new AtomicLong();
    final AtomicLong bytesIn = new AtomicLong();
    final AtomicLong bytesOut = new AtomicLong();
    final AtomicLong clients = new AtomicLong();
    final AtomicLong peers = new AtomicLong();
    final AtomicLong borders = new AtomicLong();
    final AtomicLong borderBytes = new AtomicLong();
    volatile boolean draining;

    /** By the names under which {@code /metrics} shows them. */
    Map<String, Long> numbers(Workbench bench) {
        Map<String, Long> numbers = new LinkedHashMap<>();
        numbers.put("workers", (long) bench.workers());
        numbers.put("busy_workers", (long) bench.busy());
        numbers.put("waiting_tiles", (long) bench.waiting());
        numbers.put("draining", draining ? 1L : 0L);
        numbers.put("tiles_total", tiles.get());
        numbers.put("faults_total", faults.get());
        numbers.put("peers", peers.get());
        numbers.put("borders_total", borders.get());
        numbers.put("border_bytes_total", borderBytes.get());
        numbers.putAll(peers());
        return numbers;
    }

    /** Those that are of its door. */
    Map<String, Long> peers() {
        Map<String, Long> numbers = new LinkedHashMap<>();
        numbers.put("clients", clients.get());
        numbers.put("refused_peers_total", refusedPeers.get());
        numbers.put("broken_connections_total", brokenConnections.get());
        numbers.put("received_bytes_total", bytesIn.get());
        numbers.put("sent_bytes_total", bytesOut.get());
        return numbers;
    }

    byte[] encoded(Workbench bench) {
        Encoder to = new Encoder();
        to.list(bench.devices(), (e, device) -> e.text(device.info().id())
                .text(device.info().name())
                .u16(device.workers()));
        to.list(new ArrayList<>(numbers(bench).entrySet()), (e, entry) -> e.text(entry.getKey()).i64(entry.getValue()));
        return to.finished();
    }

    static NodeStatus decode(String address, String software, byte[] fields) throws WireException {
        Decoder from = new Decoder(fields);
        List<NodeStatus.DeviceLine> devices =
                from.list(256, d -> new NodeStatus.DeviceLine(d.text(), d.text(), d.u16()));
        Map<String, Long> numbers = new LinkedHashMap<>();
        for (Map.Entry<String, Long> entry : from.list(256, d -> Map.entry(d.text(), d.i64()))) {
            numbers.put(entry.getKey(), entry.getValue());
        }
        from.end();
        return new NodeStatus(address, software, devices, numbers);
    }

    static List<String> names(List<Device> devices) {
        return devices.stream().map(device -> device.info().id()).toList();
    }
}
