#!/usr/bin/env bash
# A Docker Swarm of several engines on this one machine, as root: each engine in a network of its own, as a machine has
# one, at a bridge between them. What only real machines would need, nothing here does: no kernel module, no address of
# the internet.
#
#   nodes.sh up FOLDER COUNT PORT   makes COUNT engines, their files in FOLDER, and a Swarm that all of them manage.
#                                   Node N is 10.199.77.N, its socket FOLDER/N/docker.sock; this machine is
#                                   10.199.77.254, and what listens there at PORT each node reaches at its localhost
#   nodes.sh stop FOLDER N          stops node N's engine, and with it what it runs
#   nodes.sh cut FOLDER N           takes node N off the network, as if its machine had lost its power
#   nodes.sh start FOLDER N         starts it (again), at the network
#   nodes.sh down FOLDER            ends all of it, and removes FOLDER
set -euo pipefail

readonly bridge=teal-swarm network=10.199.77
PATH=$PATH:/usr/sbin:/sbin

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
  local deadline=$((SECONDS + $1))
  until "${@:2}" >/dev/null 2>&1; do
    if ((SECONDS >= deadline)); then return 1; fi
    sleep 0.05
  done
}

bridge_up() {
  ip link add "$bridge" type bridge
  ip address add "$network.254/24" dev "$bridge"
  ip link set "$bridge" up
  # An engine of this machine may refuse what is only passed on.
  iptables -I FORWARD -i "$bridge" -o "$bridge" -j ACCEPT
}

bridge_down() {
  if ip link show "$bridge" >/dev/null 2>&1; then
    iptables -D FORWARD -i "$bridge" -o "$bridge" -j ACCEPT || true
    ip link delete "$bridge"
  fi
}

# The node's programs begin once its cable is there. They see this machine's files, and have processes, hostname and /run of
# their own; with its first process all of them end.
node_start() {
  local folder=$1/$2 outer
  mkdir -p "$folder"
  rm -f "$folder/docker.sock"
  # shellcheck disable=SC2016
  setsid unshare --mount --propagation private --net --pid --fork --kill-child --mount-proc --uts bash -c '
    folder=$1 name=$2 address=$3 gateway=$4 port=$5
    mount -t tmpfs tmpfs /run && mkdir -p /run/lock && hostname "$name" && ip link set lo up
    until ip link show eth0 >/dev/null 2>&1; do sleep 0.05; done
    ip address add "$address/24" dev eth0 && ip link set eth0 up && ip route add default via "$gateway"
    socat "TCP-LISTEN:$port,bind=127.0.0.1,fork,reuseaddr" "TCP:$gateway:$port" &
    dockerd --host "unix://$folder/docker.sock" --data-root "$folder/data" --exec-root /run/docker \
      --pidfile /run/docker.pid &
    engine=$!
    trap "kill $engine" TERM
    until wait "$engine" || ! kill -0 "$engine" 2>/dev/null; do :; done' - \
    "$folder" "node$2" "$network.$2" "$network.254" "$(<"$1/port")" >>"$folder/log" 2>&1 </dev/null &
  outer=$!
  wait_for 20 pgrep -P "$outer"
  pgrep -P "$outer" >"$folder/pid"
  ip link add "veth-teal$2" type veth peer name eth0 netns "$(<"$folder/pid")"
  ip link set "veth-teal$2" master "$bridge" up
}

node_answers() {
  curl -s -f -m 5 --unix-socket "$1/$2/docker.sock" http://localhost/_ping
}

await_node() {
  wait_for 60 node_answers "$1" "$2" || {
    tail -n 30 "$1/$2/log" >&2
    return 1
  }
}

# node_end FOLDER N SIGNAL; fine if it does not run.
node_end() {
  local pid
  if [[ -s $1/$2/pid ]]; then
    pid=$(<"$1/$2/pid")
    kill "-$3" "$pid" 2>/dev/null || true
    wait_for 60 test ! -d "/proc/$pid"
    rm -f "$1/$2/pid"
  fi
  ip link delete "veth-teal$2" 2>/dev/null || true
}

on_node() {
  DOCKER_HOST=unix://$1/$2/docker.sock docker "${@:3}"
}

nodes_up() {
  local folder count=$2 number token
  mkdir -p "$1"
  folder=$(realpath "$1")
  echo "$3" >"$folder/port"
  bridge_up
  for ((number = 1; number <= count; ++number)); do node_start "$folder" "$number"; done
  for ((number = 1; number <= count; ++number)); do await_node "$folder" "$number"; done
  on_node "$folder" 1 swarm init --advertise-addr "$network.1" >/dev/null
  token=$(on_node "$folder" 1 swarm join-token --quiet manager)
  for ((number = 2; number <= count; ++number)); do
    on_node "$folder" "$number" swarm join --advertise-addr "$network.$number" --token "$token" "$network.1:2377" >/dev/null
  done
}

nodes_down() {
  local folder
  [[ -d $1 ]] || return 0
  folder=$(realpath "$1")
  for node in "$folder"/*/; do node_end "$folder" "$(basename "$node")" KILL; done
  bridge_down
  rm -rf --one-file-system "$folder"
}

case ${1-} in
  up) nodes_up "$2" "$3" "$4" ;;
  stop) node_end "$2" "$3" TERM ;;
  cut) ip link set "veth-teal$3" down ;;
  start)
    node_end "$2" "$3" KILL
    node_start "$(realpath "$2")" "$3"
    await_node "$2" "$3"
    ;;
  down) nodes_down "$2" ;;
  *) sed -n 's/^#   //p' "${BASH_SOURCE[0]}" >&2 && exit 2 ;;
esac
