/**
 * Who may talk to whom: TLS 1.3 with certificates both ways or with a shared secret, or loopback alone.
 * In: a channel. Out: a link to a peer that has proved who it is, or a refusal that says why.
 */
package org.imbrex.host.node.trust;
