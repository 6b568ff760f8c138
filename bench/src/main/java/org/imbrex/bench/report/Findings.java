package org.imbrex.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imbrex.bench.limit.Limit;
import org.imbrex.bench.measure.Cut;

/**
 * What a run has found so far, which is all where {@code done} is {@code parts}.
 *
 * @param machine facts by name
 * @param peers the versions of those that took part, by name
 * @param missing a line for each peer that is not here
 * @param skipped works and devices that did not take part, and why: a line each
 * @param cut what the time did not suffice for
 * @param done of the run's parts, the limits and each work on so many threads
 */
public record Findings(
        Map<String, String> machine,
        List<Limit> limits,
        List<Outcome> outcomes,
        Map<String, String> peers,
        List<String> missing,
        List<String> skipped,
        List<Cut> cut,
        int done,
        int parts) {

    /** What is known before a run has begun. */
    public static final Findings NOTHING =
            new Findings(Map.of(), List.of(), List.of(), Map.of(), List.of(), List.of(), List.of(), 0, 1);

    public boolean isFinished() {
        return done == parts;
    }

    /** {@code finished}, or how far it got. */
    public String state() {
        return isFinished() ? "finished" : "unfinished, " + done + " of " + parts + " parts";
    }

    /** The records of the JSON file: works first, then the limits, named {@code limit-…}; each tells the run's state. */
    public List<Object> records() {
        List<Object> records = new ArrayList<>();
        outcomes.forEach(outcome -> records.add(marked(outcome.data())));
        for (Limit limit : limits) {
            Map<String, Object> data = new Outcome("limit-" + limit.name(), limit.device(), limit.dtype(),
                    Long.toString(limit.size()), limit.threads(), limit.value(), limit.least(), limit.most(), 0, limit.unit(),
                    "", Double.NaN, Double.NaN, limit.size(), 0, Map.of(), Map.of(), "").data();
            records.add(marked(data));
        }
        return records;
    }

    private Map<String, Object> marked(Map<String, Object> record) {
        record.put("run", state());
        return record;
    }
}
