/**
 * Job files: named steps, their inputs, outputs and options.
 * In: YAML. Out: steps in the order they are written, checked as far as that goes without opening their files.
 */
package org.imbrex.host.job;
