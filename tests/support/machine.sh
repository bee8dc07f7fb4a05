# shellcheck shell=bash
# What a machine needs before tealhook can be built, run and tested on it: packages, a build, an engine.
# Sourced by tests/run.sh, tests/bench/run.sh and the examples, which set -euo pipefail.

MACHINE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
MACHINE_ENGINE=${DOCKER_HOST:-unix:///var/run/docker.sock}

# What has to be there, as package, or command:package; a|b is the first of them that the distribution has. A leading ?
# marks what is taken along only where the distribution has it.
declare -A MACHINE_PACKAGES=(
  [build]="g++:g++ cmake:cmake ninja:ninja-build ccache:ccache pkg-config:pkg-config git:git
    libboost1.81-dev|libboost-dev libboost-json1.81-dev|libboost-json-dev libboost-url1.81-dev|libboost-url-dev
    libboost-filesystem1.81-dev|libboost-filesystem-dev ?libboost-process-dev
    libgit2-dev libfmt-dev libyaml-cpp-dev libsqlitecpp-dev libssl-dev libcli11-dev libcrypt-dev catch2 librapidcheck-dev"
  [run]="dockerd:docker.io docker:docker-cli|docker.io ?docker-buildx docker-registry:docker-registry
    iptables:iptables git:git ca-certificates curl:curl haproxy:haproxy"
  [example]="busybox:busybox-static redis-check-rdb:redis-tools"
  [swarm]="socat:socat ip:iproute2"
  [sockets]="busybox:busybox-static socat:socat"
  [service]="git:git nginx:nginx-light|nginx python3 runsv:runit sshd:openssh-server ssh:openssh-client sudo:sudo
    logrotate:logrotate curl:curl"
  [unit]="haproxy:haproxy nginx:nginx-light|nginx caddy:caddy openssl:openssl curl:curl"
  [test]="faketime:faketime sshd:openssh-server busybox:busybox-static docker-compose:docker-compose ip:iproute2 socat:socat pgrep:procps systemd-analyze:systemd
    ?libjson-validator-perl sudo:sudo logrotate:logrotate ssh:openssh-client runsv:runit python3
    ?clang-format-14 ?clang-tidy-14")

# machine_step TEXT COMMAND...: runs it silently beside one line of progress; what it printed is shown if it fails.
machine_step() {
  local text=$1 log start=${EPOCHREALTIME/./} status=0
  shift
  log=$(mktemp)
  printf '%-34s' "$text"
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if ((status == 0)); then
    printf '%6d.%d s\n' "$(((${EPOCHREALTIME/./} - start) / 1000000))" "$(((${EPOCHREALTIME/./} - start) / 100000 % 10))"
  else
    printf '  FAILED\n'
    cat "$log" >&2
  fi
  rm -f "$log"
  return "$status"
}

# machine_packages GROUP...: installs what is missing of build, run, an example's, swarm, unit, test; silent if nothing is.
machine_packages() {
  command -v dpkg-query >/dev/null || return 0
  local group missing
  mapfile -t missing < <(for group in "$@"; do tr -s ' \n' '\n' <<<"${MACHINE_PACKAGES[$group]}"; done | machine_missing)
  [[ " ${missing[*]-}" == *" "[!?]* ]] || return 0
  if ((EUID != 0)); then
    echo "error: as root, install: ${missing[*]}" >&2
    return 1
  fi
  machine_step "installing packages" machine_install "${missing[@]}"
}

# Of the wants on stdin, one a line, those that are not met.
machine_missing() {
  local -A installed=()
  local name want
  while read -r name; do installed[$name]=1; done \
    < <(dpkg-query -W -f='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')
  while read -r want; do
    if [[ $want == *:* ]]; then
      machine_has_command "${want%%:*}" || echo "${want#*:}"
    else
      local found=
      for name in ${want//[|?]/ }; do found+=${installed[$name]-}; done
      [[ $found ]] || echo "$want"
    fi
  done
}

# Servers lie in sbin, which is not on everybody's PATH.
machine_has_command() {
  PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null
}

machine_install() {
  export DEBIAN_FRONTEND=noninteractive
  local apt=(apt-get -q -y -o DPkg::Lock::Timeout=300) want names=()
  "${apt[@]}" update || return
  for want in "$@"; do
    names+=("$(machine_available "$want")") || [[ $want == \?* ]] || {
      echo "error: this distribution has no package $want"
      return 1
    }
  done
  # shellcheck disable=SC2068  # the names of optional packages that are not to be had are empty
  "${apt[@]}" install --no-install-recommends ${names[@]}
}

machine_available() {
  local name
  for name in ${1//[|?]/ }; do
    if [[ $(apt-cache policy "$name") =~ Candidate:\ [0-9] ]]; then
      echo "$name"
      return
    fi
  done
  return 1
}

# machine_build PRESET [TARGET...]: configures and builds into build/PRESET, one at a time.
machine_build() {
  machine_step "building $1" machine_cmake "$@"
}

machine_cmake() (
  preset=$1
  shift
  cd "$MACHINE_ROOT" || return
  # Another clone on this machine finds in the cache what this one compiled.
  export CCACHE_BASEDIR=$MACHINE_ROOT CCACHE_NOHASHDIR=1
  mkdir -p build && exec 9>"build/$preset.lock" && flock 9
  cmake --preset "$preset" && cmake --build --preset "$preset" ${1+--target "$@"}
)

# machine_unless_busy COMMAND...: again while it exits with 4. A push returns once the new version serves, and what it
# replaced may still be stopping then.
machine_unless_busy() {
  local status deadline=$((SECONDS + 60))
  while true; do
    status=0
    "$@" || status=$?
    if ((status != 4 || SECONDS > deadline)); then return "$status"; fi
    sleep 0.1
  done
}

# machine_at_end COMMAND: runs it when the script ends, however it does.
machine_at_end() {
  # shellcheck disable=SC2064  # the command is meant as it is now
  trap "$1" EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

# machine_free_port FIRST: the first port from there on where nobody listens.
machine_free_port() {
  local port=$1
  while (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  echo "$port"
}

machine_engine_answers() {
  case $MACHINE_ENGINE in
    unix://*) curl -s -f -m 5 --unix-socket "${MACHINE_ENGINE#unix://}" http://localhost/_ping >/dev/null ;;
    tcp://*) curl -s -f -m 5 "http://${MACHINE_ENGINE#tcp://}/_ping" >/dev/null ;;
    *) docker version >/dev/null 2>&1 ;;
  esac
}

# machine_engine_up STATE: uses the engine that answers, or starts one that keeps its data in STATE/engine.
machine_engine_up() {
  machine_engine_answers && return
  if [[ $MACHINE_ENGINE != unix://* ]]; then
    echo "error: no engine answers at $MACHINE_ENGINE" >&2
    return 1
  fi
  machine_step "starting an engine" machine_engine_start "$1/engine"
}

# Nothing that a former engine left behind is looked at: neither its pid file nor its runtime folder, whose numbers may
# be somebody else's by now. MACHINE_DOCKERD_OPTIONS may add to its options.
machine_engine_start() {
  local folder=$1 runtime options
  mkdir -p "$folder"
  rm -f "$folder/dockerd.pid"
  machine_remove_dead_socket /run/containerd/containerd.sock
  runtime=$(mktemp -d /run/teal.XXXXXX)
  read -r -a options <<<"${MACHINE_DOCKERD_OPTIONS-}"
  PATH=$PATH:/usr/sbin:/sbin setsid dockerd --host "$MACHINE_ENGINE" --data-root "$folder/data" --exec-root "$runtime" \
    --pidfile "$folder/dockerd.pid" ${options[@]+"${options[@]}"} >"$folder/dockerd.log" 2>&1 </dev/null &
  local pid=$!
  echo "$pid $(machine_started "$pid") $runtime" >"$folder/process"
  local deadline=$((SECONDS + 60))
  until machine_engine_answers; do
    if ((SECONDS > deadline)) || [[ -z $(machine_started "$pid") ]]; then
      tail -n 30 "$folder/dockerd.log"
      return 1
    fi
    sleep 0.1
  done
}

# The engine takes the mere existence of this file for a running containerd.
machine_remove_dead_socket() {
  local status=0
  curl -s -m 5 --unix-socket "$1" http://localhost/ >/dev/null || status=$?
  if ((status == 7)); then rm -f "$1"; fi # 7: nobody listens
}

# When the process began, in clock ticks after boot: with its number, that names it for good. Empty if it is gone.
machine_started() {
  local stat
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 0
  read -r -a stat <<<"${stat##*) }"
  [[ ${stat[0]} == Z ]] || echo "${stat[19]}"
}

# machine_engine_down STATE: ends the engine that machine_engine_up started there, and removes all that it kept.
machine_engine_down() {
  local folder=$1/engine pid started runtime
  [[ -f $folder/process ]] || return 0
  read -r pid started runtime <"$folder/process"
  if [[ $started && $(machine_started "$pid") == "$started" ]]; then
    kill "$pid"
    local deadline=$((SECONDS + 60))
    while [[ $(machine_started "$pid") == "$started" ]]; do
      ((SECONDS < deadline)) || kill -KILL "$pid"
      sleep 0.1
    done
    rm -f "${MACHINE_ENGINE#unix://}"
  fi
  machine_unmount_below "$runtime"
  machine_unmount_below "$folder"
  rm -rf --one-file-system "$runtime" "$folder"
}

machine_unmount_below() {
  local mount
  while read -r _ mount _; do
    if [[ $mount == "$1"/* ]]; then umount -l "$mount"; fi
  done < <(tac /proc/mounts)
}
