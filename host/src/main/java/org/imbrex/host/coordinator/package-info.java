/**
 * Jobs that outlive their client and their coordinator's process.
 * In: programs and inputs from clients. Out: tiles to nodes, a journal of those that are done, results.
 */
package org.imbrex.host.coordinator;
