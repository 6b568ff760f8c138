/**
 * The command line: one class a sub-command.
 * In: arguments and files. Out: files, one line for each error, and an exit status: 0 done, 1 failed, 2 wrong usage.
 */
package org.imbrex.host.cli;
