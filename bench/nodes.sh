#!/usr/bin/env bash
# What a tile costs on a node over loopback: builds what is missing, then bench's TileOverhead.
#   bench/nodes.sh [MOST TILES, default 100000] [SECRET FILE for TLS, default plain]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
cd "$root"
mvn -q -B -Dimbrex.launch -Dmaven.test.skip=true -pl bench -am package
"$root/imbrex" --version >/dev/null
jdk=$(cat dist/jdk)
jars=$(printf '%s:' bench/target/imbrex-bench-*SNAPSHOT.jar bench/target/lib/*.jar)
exec "$jdk/bin/java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
  -Xmx2g -cp "$jars" org.imbrex.bench.node.TileOverhead "$@"
