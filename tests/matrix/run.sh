#!/usr/bin/env bash
# The matrix: every path, disturbed at its points in every way, in hosts of its own, side by side; then a table of points
# tried and held. What does not hold is printed as it is found, with what to run to see it alone.
#
#   tests/matrix/run.sh [--minutes N] [--hosts N] [--build PRESET] [OPTIONS OF matrix...]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly root=$here/../..

if [[ ${1-} == --help || ${1-} == -h ]]; then
  sed -n '2,/^set/s/^# \{0,3\}//p' "${BASH_SOURCE[0]}"
  exit
fi
minutes=45 hosts=3 build=release
while [[ ${1-} =~ ^--(minutes|hosts|build)$ ]]; do
  declare "${1#--}=$2"
  shift 2
done
seed=$(date +%Y%m%d)
folder=$(mktemp -d /var/tmp/teal-matrix.XXXXXX)

stop() {
  local host
  for host in "$folder"/*/; do
    if [[ -d $host ]]; then "$here/../support/private_host.sh" down "$host"; fi
  done
  rm -rf "$folder"
}
trap stop EXIT

# shard NUMBER SECONDS OPTIONS...: HAProxy, and none, get most of the time; nginx and Caddy a sample.
shard() {
  local number=$1 seconds=$2 router share
  local -A shares=([haproxy]=45 [none]=31 [nginx]=12 [caddy]=12)
  for router in haproxy none nginx caddy; do
    share=$((seconds * shares[$router] / 100))
    "$here/../support/private_host.sh" in "$folder/$number" "$root/build/$build/tests/matrix" --router "$router" \
      --seed "$seed" --shard "$number/$hosts" --seconds "$share" "${@:3}" ||
      (($? == 1)) || echo "error: the matrix of $router, shard $number, did not come to its end" # 1: it has said why
  done
}

# "path router: tried held points" of all shards together.
table() {
  awk '$1 == "held" && NF == 6 { tried[$2 " " $3] += $4; held[$2 " " $3] += $5; all[$2 " " $3] = $6 }
    END {
      printf "%-22s %-8s %7s %7s %7s\n", "PATH", "ROUTER", "POINTS", "TRIED", "HELD"
      for (key in tried) {
        split(key, part, " ")
        printf "%-22s %-8s %7d %7d %7d\n", part[1], part[2], all[key], tried[key], held[key] | "sort"
        sum += tried[key]; good += held[key]
      }
      close("sort")
      printf "%-22s %-8s %7s %7d %7d\n", "all", "", "", sum, good
    }' "$folder"/*.log
}

for ((number = 1; number <= hosts; ++number)); do
  "$here/../support/private_host.sh" up "$folder/$number"
  shard "$number" $((minutes * 60)) "$@" > >(tee "$folder/$number.log" | grep --line-buffered -v '^[#h]') 2>&1 &
done
wait
table
if grep -q '^VIOLATED\|^error' "$folder"/*.log; then exit 1; fi
