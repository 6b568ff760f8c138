package org.imbrex.host.node;

import java.util.List;
import java.util.Map;

/**
 * What a node tells of itself.
 *
 * @param software name and version
 * @param numbers by name: workers, busy_workers, waiting_tiles, clients, tiles_total …
 */
public record NodeStatus(String address, String software, List<DeviceLine> devices, Map<String, Long> numbers) {

    /** One of its devices, and how many tiles that works on at once. */
    public record DeviceLine(String id, String name, int workers) {}
}
