package org.imbrex.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.bench.limit.Limit;

/**
 * All that a run found.
 *
 * @param machine facts by name
 * @param peers the versions of those that took part, by name
 * @param missing a line for each peer that is not here
 * @param skipped works and devices that did not take part, and why: a line each
 */
public record Findings(
        Map<String, String> machine,
        List<Limit> limits,
        List<Outcome> outcomes,
        Map<String, String> peers,
        List<String> missing,
        List<String> skipped) {

    /** The records of the JSON file: works first, then the limits, named {@code limit-…}. */
    public List<Object> records() {
        List<Object> records = new ArrayList<>();
        outcomes.forEach(outcome -> records.add(outcome.data()));
        for (Limit limit : limits) {
            Map<String, Object> data = new Outcome("limit-" + limit.name(), limit.device(), limit.dtype(),
                    Long.toString(limit.size()), limit.threads(), limit.value(), limit.least(), limit.most(), 0, limit.unit(),
                    "", Double.NaN, Double.NaN, limit.size(), 0, new LinkedHashMap<>()).data();
            records.add(data);
        }
        return records;
    }
}
