#!/usr/bin/env bash
# What nodes over loopback cost: builds what is missing, then runs one of bench's programs.
#   bench/nodes.sh overhead [MOST TILES, default 1000000] [SECRET FILE for TLS, default plain]
#   bench/nodes.sh traffic     [NODES, default 2,3,5] [SIDE] [ROUNDS]: bytes and time of products and simulations
#   bench/nodes.sh transfer    bytes a second, beside iperf3 and OpenSSL
#   bench/nodes.sh scaling     two nodes against one
#   bench/nodes.sh members [MOST NODES, default 10000] [TILES, default 200000]
#                              a tile's cost to a client of many nodes, which compute nothing
#   bench/nodes.sh memory      what client, coordinator and nodes take on jobs of 20 times their budget
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
cd "$root"
case "${1:-overhead}" in
  overhead) class=TileOverhead ;;
  traffic) class=NodeTraffic ;;
  transfer) class=NodeTransfer ;;
  scaling) class=NodeScaling ;;
  members) class=ManyNodes ;;
  memory) shift; exec bench/node-memory.sh "$@" ;;
  *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
[ $# = 0 ] || shift
mvn -q -B -Dimbrex.launch -Dmaven.test.skip=true -pl bench -am package
"$root/imbrex" --version >/dev/null
jdk=$(cat dist/jdk)
jars=$(printf '%s:' bench/target/imbrex-bench-*SNAPSHOT.jar bench/target/lib/*.jar)
exec "$jdk/bin/java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
  -Xmx2g -cp "$jars" "org.imbrex.bench.node.$class" "$@"
