package org.imbrex.bench.report;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One work on one device, beside its limit and its peers.
 *
 * @param value the median of the rounds; {@code least} and {@code most} its spread
 * @param bound what bounds it: {@code read}, {@code triad}, {@code peak-f32}, {@code upload}; empty where nothing of the
 *     machine does
 * @param limit the value at that bound, NaN where there is none
 * @param peers their medians by name, in the same unit
 * @param bytes what the engine's plan reads and writes, all stages
 * @param operations of products and transforms as they are counted everywhere, an fma as two; else what the engine's plan
 *     computes: arithmetic instructions, an fma as one
 * @param peerNotes what one should know to read a peer's value, for those of whom there is something to say
 * @param cut what there was no time for, in words; empty where nothing was cut
 */
public record Outcome(
        String work,
        String device,
        String dtype,
        String size,
        int threads,
        double value,
        double least,
        double most,
        int rounds,
        String unit,
        String bound,
        double limit,
        double seconds,
        double bytes,
        double operations,
        Map<String, Double> peers,
        Map<String, String> peerNotes,
        String cut) {

    /** Whether less is better. */
    public boolean isTime() {
        return unit.endsWith("s") && !unit.contains("/");
    }

    /** The share of the limit, NaN where there is none. */
    public double ofLimit() {
        return value / limit;
    }

    /** How many times better than a peer. */
    public double against(String peer) {
        return isTime() ? peers.get(peer) / value : value / peers.get(peer);
    }

    /** The best of the peers. */
    public Optional<String> bestPeer() {
        return peers.keySet().stream().min((a, b) -> Double.compare(against(a), against(b)));
    }

    /** The record as it stands in JSON. */
    public Map<String, Object> data() {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("work", work);
        data.put("device", device);
        data.put("dtype", dtype);
        data.put("size", size);
        data.put("threads", threads);
        data.put("value", rounded(value));
        data.put("unit", unit);
        data.put("limit", rounded(limit));
        data.put("of_limit", rounded(ofLimit()));
        Map<String, Object> others = new LinkedHashMap<>();
        peers.forEach((name, its) -> others.put(name, rounded(its)));
        data.put("peers", others);
        data.put("least", rounded(least));
        data.put("most", rounded(most));
        data.put("rounds", rounds);
        data.put("bound", bound);
        data.put("bytes", bytes);
        data.put("operations", operations);
        data.put("peer_notes", peerNotes);
        data.put("cut", cut);
        return data;
    }

    /** Five digits: more would be noise. */
    private static double rounded(double value) {
        if (value == 0 || Double.isNaN(value) || Double.isInfinite(value)) {
            return value;
        }
        double unit = Math.pow(10, Math.floor(Math.log10(Math.abs(value))) - 4);
        return unit < 1 ? Math.round(value / unit) / Math.rint(1 / unit) : Math.round(value / unit) * unit;
    }
}
