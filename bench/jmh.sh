#!/usr/bin/env bash
# The JMH benchmarks; arguments go to JMH:  bench/jmh.sh 'fma3|sum' -rf json -rff result.json
set -eu
root=$(cd "$(dirname "$0")/.." && pwd -P)
mvn -q -B -f "$root/pom.xml" -Dimbrex.launch -Dmaven.test.skip=true -pl bench -am package
"$root/imbrex" --version >/dev/null
jdk=$(cat "$root/dist/jdk")
jars=$(printf '%s:' "$root"/bench/target/imbrex-bench-*SNAPSHOT.jar "$root"/bench/target/lib/*.jar)
exec "$jdk/bin/java" -cp "$jars" org.openjdk.jmh.Main "$@"
