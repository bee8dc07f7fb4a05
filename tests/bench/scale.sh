# From one replica to eight and back behind HAProxy, under load, beside what the engine itself needs to create and start
# seven containers side by side. Sourced by run.sh.
# shellcheck shell=bash disable=SC2154 # what run.sh sets

scale_to=8

bench_scale() {
  local number name=$id-scale
  local -x TEALHOOK_HOME=$work/home-scale
  "$tealhook" setup --engine "$MACHINE_ENGINE" --registry "$registry" --router haproxy >>"$log"
  "$tealhook" router up >>"$log"
  next_port
  "$tealhook" app create "$name" --blue-port "$port" --green-port "$((port + 1000))" --live-port "$((port + 2000))" >>"$log"
  make_source scale tealhook live
  commit_version "$work/scale-tealhook/source" scale
  git -C "$work/scale-tealhook/source" push "$TEALHOOK_HOME/apps/$name/live.git" main >>"$log" 2>&1
  for ((number = 1; number <= runs; ++number)); do
    progress "scale: round $number of $runs"
    start_by_engine "$((port + 2000))"
    scale_under_load up $scale_to "$((port + 2000))"
    scale_under_load down 1 "$((port + 2000))"
  done
}

# scale_under_load WHICH N PORT: until what is too many has gone.
scale_under_load() {
  under_load "scale-$1" "$3" "$tealhook" scale "$id-scale" "$2"
  machine_unless_busy "$tealhook" app show "$id-scale" >>"$log"
  until [[ $(docker ps -aq --filter "label=tealhook.app=$id-scale" | wc -l) == "$2" ]]; do sleep 0.1; done
}

# By its API, a connection each, in the app's network.
# start_by_engine PORT
start_by_engine() {
  local number image
  image=$(docker inspect -f '{{.Image}}' "$id-scale-blue")
  export -f create_and_start
  # shellcheck disable=SC2016 # the inner shell's
  under_load scale-engine "$1" bash -c 'for number in {2..8}; do create_and_start "$number" "$@" & done; wait' - \
    "$id-scale" "$image" "${MACHINE_ENGINE#unix://}"
  for ((number = 2; number <= scale_to; ++number)); do docker rm -f "$id-scale-engine-$number" >>"$log" 2>&1; done
}

# under_load CASE PORT COMMAND...: what it takes, and how many requests fail.
under_load() {
  local start=${EPOCHREALTIME/./} line
  # shellcheck disable=SC2016 # the inner shell's
  line=$("$clients" "$2" fresh bash -c '"${@:2}" >>"$1.log" && date +%s%6N >"$1"' - "$work/scale-end" "${@:3}" 2>>"$log")
  echo "$1 tealhook took $((($(<"$work/scale-end") - start) / 1000)) $line" >>"$results"
}

# create_and_start NUMBER APP IMAGE SOCKET
create_and_start() {
  local api=(curl -s -f --unix-socket "$4" -H 'Content-Type: application/json' -X POST)
  "${api[@]}" "http://engine/containers/create?name=$2-engine-$1" \
    -d "{\"Image\": \"$3\", \"HostConfig\": {\"NetworkMode\": \"tealhook-$2\"}}" &&
    "${api[@]}" "http://engine/containers/$2-engine-$1/start"
}

clean_up_scale() {
  if [[ -d $work/home-scale ]]; then
    machine_unless_busy "$tealhook" --home "$work/home-scale" app remove "$id-scale" --yes
    "$tealhook" --home "$work/home-scale" router down
  fi
}

print_scale_table() {
  if ! grep -q '^scale-' "$results"; then return; fi
  local ours engine
  ours=$(measured scale-up tealhook took | median)
  engine=$(measured scale-engine tealhook took | median)
  printf '\n%-34s%12s%42s\n' "scale 8 from 1, under load" "tealhook" "limit"
  printf '%-34s%12s\n' "  scale 8" "$(seconds "$ours")"
  printf '%-34s%12s\n' "  the engine's seven, side by side" "$(seconds "$engine")"
  printf '%-34s%12s%42s\n' "  ratio" "$(awk "BEGIN { printf \"%.2f\", $ours / $engine }")" "1.30"
  printf '%-34s%12s\n' "  scale 1" "$(seconds "$(measured scale-down tealhook took | median)")"
  printf '%-34s%12s%42s\n' "  failed, up" "$(measured scale-up tealhook failed | sum)/$(measured scale-up tealhook of | sum)" "0"
  printf '%-34s%12s%42s\n' "  failed, down" "$(measured scale-down tealhook failed | sum)/$(measured scale-down tealhook of | sum)" "0"
}
