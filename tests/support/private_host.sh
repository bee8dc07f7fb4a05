#!/usr/bin/env bash
# A host of its own on this machine: processes, network, /run, and a container engine that nobody else uses. What runs in
# it finds every port free, may kill the engine, and is gone with the host.
#
#   private_host.sh up FOLDER               makes it, its files in FOLDER, and starts its engine
#   private_host.sh in FOLDER COMMAND...    runs a command in it, in this folder
#   private_host.sh engine start|stop|kill  of the host that this is run in
#   private_host.sh down FOLDER             ends all that runs in it, and removes FOLDER
#   private_host.sh test COMMAND...         runs a test in the host of $TEAL_TEST_HOSTS that ctest gave it, or, where there
#                                           are none, alone on this one
set -euo pipefail

self=$(realpath "${BASH_SOURCE[0]}")
readonly socket=/var/run/docker.sock pid_file=/run/docker.pid

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
  local deadline=$((SECONDS + $1))
  until "${@:2}" >/dev/null 2>&1; do
    if ((SECONDS >= deadline)); then return 1; fi
    sleep 0.05
  done
}

# Its first process adopts what others leave behind, and waits for it. The ports that apps get are kept for them, as the
# README advises.
host_up() {
  mkdir -p "$1"
  TEAL_TEST_HOST=$(realpath "$1")
  export TEAL_TEST_HOST
  # shellcheck disable=SC2016
  setsid unshare --mount --propagation private --net --pid --fork --kill-child --mount-proc --uts --ipc \
    bash -c 'mount -t tmpfs tmpfs /run && ip link set lo up && mkdir -p /run/lock /run/sshd &&
      echo 50100-50499 >/proc/sys/net/ipv4/ip_local_reserved_ports && echo up >"$1/ready"
      while sleep 1000; do :; done' - "$TEAL_TEST_HOST" >"$1/host.log" 2>&1 </dev/null &
  local outer=$!
  wait_for 20 test -e "$1/ready" || {
    cat "$1/host.log" >&2
    echo "error: cannot make a host of its own: that takes root, and a kernel with namespaces" >&2
    return 1
  }
  pgrep -P "$outer" >"$1/pid"
  rm "$1/ready"
  host_in "$1" "$self" engine start
}

host_in() {
  local pid
  pid=$(<"$1/pid")
  TEAL_TEST_HOST=$(realpath "$1") nsenter --target "$pid" --mount --net --pid --uts --ipc --wd="$PWD" -- "${@:2}"
}

host_down() {
  if [[ -f $1/pid ]]; then
    local pid
    pid=$(<"$1/pid")
    kill -KILL "$pid"
    wait_for 60 test ! -e "/proc/$pid"
  fi
  rm -rf --one-file-system "$1"
}

engine_answers() {
  curl -s -f -m 5 --unix-socket "$socket" http://localhost/_ping
}

# With the folders that it had: what still runs of a killed one is found there.
engine_start() {
  if engine_answers >/dev/null; then return; fi
  PATH=$PATH:/usr/sbin:/sbin setsid dockerd --host "unix://$socket" --data-root "$TEAL_TEST_HOST/engine" \
    --exec-root /run/docker --pidfile "$pid_file" >>"$TEAL_TEST_HOST/engine.log" 2>&1 </dev/null &
  wait_for 60 engine_answers || {
    tail -n 30 "$TEAL_TEST_HOST/engine.log" >&2
    return 1
  }
}

# engine_end SIGNAL
engine_end() {
  local pid
  pid=$(<"$pid_file")
  kill "-$1" "$pid"
  wait_for 60 test ! -e "/proc/$pid"
  rm -f "$pid_file"
}

# ctest numbers the hosts; see resources.json of tests/run.sh.
run_test() {
  local number=${CTEST_RESOURCE_GROUP_0_HOSTS-}
  number=${number#id:}
  if [[ $number ]]; then
    host_in "${TEAL_TEST_HOSTS:?}/${number%%,*}" "$self" watch "$@"
  else
    flock /run/lock/tealhook-tests "$self" watch "$@"
  fi
}

# A test has failed, too, if a sanitizer has anything to say of any process: one that aborts looks as if it was killed.
watch_test() {
  local reports status=0
  reports=$(mktemp -d /run/sanitizer.XXXXXX)
  chmod 1777 "$reports"
  export ASAN_OPTIONS=handle_sigill=1:detect_leaks=0:malloc_context_size=1:quarantine_size_mb=1:log_path=$reports/asan
  "$@" || status=$?
  if [[ $(ls "$reports") ]]; then
    cat "$reports"/*
    status=1
  fi
  rm -r "$reports"
  return "$status"
}

case "${1-} ${2-}" in
  "engine start") engine_start ;;
  "engine stop") engine_end TERM ;;
  "engine kill") engine_end KILL ;;
  "up "?*) host_up "$2" ;;
  "in "?*) host_in "$2" "${@:3}" ;;
  "down "?*) host_down "$2" ;;
  "test "?*) run_test "${@:2}" ;;
  "watch "?*) watch_test "${@:2}" ;;
  *) sed -n 's/^#   //p' "$self" >&2 && exit 2 ;;
esac
