#!/usr/bin/env bash
# Expressions beside C's loops in one run: builds what is missing, then bench's Speed.
#   bench/speed.sh [DEVICE, default vector] [ROUNDS, default 15]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
cd "$root"
mvn -q -B -Dimbrex.launch -Dmaven.test.skip=true -pl bench -am package
"$root/imbrex" --version >/dev/null
jdk=$(cat dist/jdk)
jars=$(printf '%s:' bench/target/imbrex-bench-*SNAPSHOT.jar bench/target/lib/*.jar)
# OpenMP's threads spin for a while after each loop, on the cores that the other side then needs: let them sleep
OMP_WAIT_POLICY=passive exec "$jdk/bin/java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
  -Xmx2g -cp "$jars" org.imbrex.bench.speed.Speed bench/src/main/c/stream.c "$@"
