package org.imbrex.runtime.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Gives turns in an order that the seed determines, all in one thread; finds workers that wait for each other. */
record SimulatedCrew(Random random) implements Crew {
    @Override
    public void work(List<? extends Worker> workers) {
        List<Worker> left = new ArrayList<>(workers);
        List<Worker> waiting = new ArrayList<>();
        while (!left.isEmpty()) {
            Worker worker = left.get(random.nextInt(left.size()));
            switch (worker.turn()) {
                case WORKED -> waiting.clear();
                case WAITS -> {
                    if (!waiting.contains(worker)) {
                        waiting.add(worker);
                    }
                    if (waiting.size() == left.size()) {
                        throw new AssertionError("all workers wait for each other");
                    }
                }
                case DONE -> {
                    left.remove(worker);
                    waiting.clear();
                }
            }
        }
    }

    @Override
    public void close() {}
}
