/**
 * Runs programs: cuts their stages into tiles, hands the tiles to devices, merges what they give, and accounts for it.
 * In: a program, where its inputs come from and its results go. Out: results, and a summary of what ran where.
 */
package org.imbrex.runtime.schedule;
