/** Who asks: the public API, data formats and the command line. */
module org.imbrex.host {
    requires transitive org.imbrex.runtime;
}
