/**
 * A report as one HTML page that needs nothing beside it. Words, tables and pictures flow in, in the order in which
 * they are read; the page flows out.
 */
package org.imbrex.host.report;
