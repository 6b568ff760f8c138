/** Who asks: the public API, data formats and the command line. */
module org.imbrex.host {
    requires transitive org.imbrex.runtime;
    requires info.picocli;
    requires org.snakeyaml.engine;
    requires java.desktop;
    requires jdk.httpserver;

    exports org.imbrex.host;
    exports org.imbrex.host.coordinator;
    exports org.imbrex.host.format;
    exports org.imbrex.host.node;
    exports org.imbrex.host.node.trust;
    exports org.imbrex.host.plot;
    exports org.imbrex.host.report;

    opens org.imbrex.host.cli to
            info.picocli;
}

