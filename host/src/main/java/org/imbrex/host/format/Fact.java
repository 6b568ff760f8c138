package org.imbrex.host.format;

/** One line of what {@code imbrex info} tells of a file or an array: {@code units: degrees_east}. */
public record Fact(String name, String value) {}
