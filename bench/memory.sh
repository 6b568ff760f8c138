#!/usr/bin/env bash
# The peak memory of a reduction and an elementwise expression over a file larger than the budget.
#   bench/memory.sh [GIB, default 8] [BUDGET, default 512m]
# Prints the peak of anonymous memory (RssAnon: the heap and native memory; the file cache does not count). Linux only.
set -eu
gib=${1:-8} budget=${2:-512m}
root=$(cd "$(dirname "$0")/.." && pwd -P)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$root/imbrex" --version >/dev/null
truncate -s "${gib}G" "$folder/x.raw"
elements=$((gib * 1024 * 1024 * 1024 / 4))
for expression in 'sum(x)' 'x * 2 + 1'; do
  "$root/imbrex" eval "$expression" --in "x=$folder/x.raw" --dtype f32 --shape $elements --memory "$budget" \
    --out "$folder/y.npy" --quiet &
  job=$! peak=0
  while kill -0 $job 2>/dev/null; do
    # the launcher replaces itself by the JVM, so the job's number is the JVM's
    now=$(awk '/RssAnon/ { print $2 }' /proc/$job/status 2>/dev/null || true)
    if [ "${now:-0}" -gt $peak ]; then peak=$now; fi
    sleep 0.1
  done
  wait $job
  echo "$expression over $gib GiB with --memory $budget: peak $((peak / 1024)) MiB"
done
