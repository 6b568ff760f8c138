#!/usr/bin/env bash
# What nodes over loopback cost: builds what is missing, then runs one of bench's programs.
#   bench/nodes.sh overhead [MOST TILES, default 100000] [SECRET FILE for TLS, default plain]
#   bench/nodes.sh traffic     [NODES, default 2,3,5] [SIDE] [ROUNDS]: bytes and time of products and simulations
#   bench/nodes.sh transfer    bytes a second, beside iperf3 and OpenSSL
#   bench/nodes.sh scaling     two nodes against one
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
cd "$root"
case "${1:-overhead}" in
  overhead) class=TileOverhead ;;
  traffic) class=NodeTraffic ;;
  transfer) class=NodeTransfer ;;
  scaling) class=NodeScaling ;;
  *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
[ $# = 0 ] || shift
mvn -q -B -Dimbrex.launch -Dmaven.test.skip=true -pl bench -am package
"$root/imbrex" --version >/dev/null
jdk=$(cat dist/jdk)
jars=$(printf '%s:' bench/target/imbrex-bench-*SNAPSHOT.jar bench/target/lib/*.jar)
exec "$jdk/bin/java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
  -Xmx2g -cp "$jars" "org.imbrex.bench.node.$class" "$@"
