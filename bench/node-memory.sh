#!/usr/bin/env bash
# Whether client, coordinator and nodes stay within their budgets on jobs many times as large, over loopback, with a
# result that is written slower than it is computed.
#   bench/nodes.sh memory [BUDGET in MiB, default 64] [TIMES, default 20] [WRITE in MiB a second, default 100]
# Input and result have TIMES budgets each. Peaks are of anonymous memory (RssAnon: heap and native memory; the file cache
# does not count). Each process may take what it took for a job of a few bytes, its heap's limit, and its budget; exit status 1
# where one took more. Writing is slowed by a library of a few lines around pwrite, where gcc is there. Linux only.
set -eu
budget=${1:-64} times=${2:-20} rate=${3:-100} heap=96
root=$(cd "$(dirname "$0")/.." && pwd -P)
folder=$(mktemp -d) pids=
trap 'kill $pids 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$folder"' EXIT
export IMBREX_JAVA_OPTS="-Xmx${heap}m"
"$root/imbrex" --version >/dev/null 2>&1

cat >"$folder/slow.c" <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
static pthread_mutex_t disk = PTHREAD_MUTEX_INITIALIZER; // one disk: writes wait for each other
static ssize_t slowly(const char *name, int fd, const void *from, size_t count, off_t at) {
  ssize_t (*real)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, name);
  double seconds = count / (atof(getenv("IMBREX_WRITE_MIB")) * 1048576);
  struct timespec pause = {(time_t) seconds, (long) ((seconds - (time_t) seconds) * 1e9)};
  if (count > 65536) {
    pthread_mutex_lock(&disk);
    nanosleep(&pause, NULL);
    pthread_mutex_unlock(&disk);
  }
  return real(fd, from, count, at);
}
ssize_t pwrite(int fd, const void *from, size_t count, off_t at) { return slowly("pwrite", fd, from, count, at); }
ssize_t pwrite64(int fd, const void *from, size_t count, off_t at) { return slowly("pwrite64", fd, from, count, at); }
C
slow=
if gcc -shared -fPIC -O1 -o "$folder/slow.so" "$folder/slow.c" -ldl -pthread 2>/dev/null; then
  slow=$folder/slow.so
  export IMBREX_WRITE_MIB=$rate
else
  echo 'no gcc: results are written as fast as the disk takes them'
fi

anonymous() { awk '/RssAnon/ { print int($2 / 1024) }' "/proc/$1/status" 2>/dev/null || true; }
# Starts one in the background, with slowed writing where $1 says so; its number in $!, which is the JVM's.
start() {
  LD_PRELOAD=$1 "$root/imbrex" "${@:2}" &
}
# Waits for a line of a server, and prints the address in it.
address() {
  for _ in $(seq 600); do
    found=$(sed -n 's/^imbrex [a-z]* at \(127\.0\.0\.1:[0-9]*\).*/\1/p' "$1")
    [ -n "$found" ] && echo "$found" && return
    sleep 0.2
  done
  echo "no answer: $(cat "$1")" >&2
  return 1
}

declare -A peak base number
look() {
  for name in "${!number[@]}"; do
    now=$(anonymous "${number[$name]}")
    if [ "${now:-0}" -gt "${peak[$name]:-0}" ]; then peak[$name]=$now; fi
  done
}
# Runs a command line as the client, and watches all.
job() {
  start "$slow" "$@" --quiet
  number[client]=$! peak=()
  while kill -0 "${number[client]}" 2>/dev/null; do look; sleep 0.05; done
  wait "${number[client]}"
}

for k in 1 2; do
  start '' node --listen 127.0.0.1:0 --threads 1 --device vector --memory "${budget}m" --clients 1 >"$folder/node$k"
  pids="$pids $!"
  number[node$k]=$!
done
on=$(address "$folder/node1"),$(address "$folder/node2")

elements=$((budget * times * 262144))
truncate -s $((elements * 4)) "$folder/large.raw"
truncate -s 4096 "$folder/small.raw"
failed=0
# All jobs with the options that say where.
jobs() {
  local what=$1 expression
  shift
  for expression in 'x * 2 + 1' 'sum(x)'; do
    job eval "$expression" --in "x=$folder/small.raw" --dtype f32 --shape 1024 --memory "${budget}m" \
      --out "$folder/y.npy" "$@"
    for name in "${!number[@]}"; do base[$name]=${peak[$name]}; done
    job eval "$expression" --in "x=$folder/large.raw" --dtype f32 --shape $elements --memory "${budget}m" \
      --out "$folder/y.npy" "$@"
    for name in $(printf '%s\n' "${!number[@]}" | sort); do
      limit=$((base[$name] + heap + budget))
      verdict=within
      if [ "${peak[$name]}" -gt $limit ]; then verdict=ABOVE failed=1; fi
      echo "$expression over $((budget * times)) MiB, $what: $name took ${peak[$name]} MiB, $verdict" \
        "${base[$name]} + heap $heap + budget $budget MiB"
    done
  done
}
jobs 'client and nodes' --on "$on"

unset 'number[client]'
start "$slow" node --listen 127.0.0.1:0 --coordinator --store "$folder/store" --on "$on" --memory "${budget}m" \
  >"$folder/coordinator"
pids="$pids $!"
number[coordinator]=$!
jobs 'by a coordinator' --coordinator "$(address "$folder/coordinator")"
exit $failed
