package org.imbrex.host.node;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** {@code /metrics} in Prometheus' text format and {@code /health}: numbers only, nothing that a tile holds. */
public final class Metrics implements AutoCloseable {
    private final HttpServer server;

    private Metrics(HttpServer server) {
        this.server = server;
    }

    /**
     * Serves numbers by their names.
     *
     * @param prefix of the names, as {@code imbrex_node_}
     * @throws IOException where it cannot listen there
     */
    public static Metrics serve(String prefix, Supplier<Map<String, Long>> numbers, InetSocketAddress address)
            throws IOException {
        HttpServer server = HttpServer.create(address, 16);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> answer(exchange, 404, "found nothing here, expected /metrics or /health\n"));
        server.createContext("/metrics", exchange -> answer(exchange, 200, text(prefix, numbers.get())));
        server.createContext("/health", exchange -> {
            boolean draining = numbers.get().get("draining") > 0;
            answer(exchange, draining ? 503 : 200, draining ? "draining\n" : "ok\n");
        });
        server.start();
        return new Metrics(server);
    }

    /** The exposition format, version 0.0.4. */
    static String text(String prefix, Map<String, Long> numbers) {
        StringBuilder text = new StringBuilder();
        numbers.forEach((name, value) -> text.append("# TYPE ")
                .append(prefix)
                .append(name)
                .append(name.endsWith("_total") ? " counter\n" : " gauge\n")
                .append(prefix)
                .append(name)
                .append(' ')
                .append(value)
                .append('\n'));
        return text.toString();
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(bytes);
        }
    }

    public InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
