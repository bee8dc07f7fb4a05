# Live traffic at 500 requests a second, each by a connection of its own, through each router; and the same load on the
# shell hook and on docker-compose. Sourced by run.sh.
# shellcheck shell=bash disable=SC2154 # what run.sh sets

live_routers=(haproxy nginx caddy)
live_pause=2 # ms between two requests
live_clients=(fresh kept posting answered-early http10 pipelining)
declare -A live_page

bench_live() {
  local router method number
  for router in "${live_routers[@]}"; do bench_router "$router"; done
  for method in shell compose; do
    make_source live "$method"
    "make_${method}_remote" live
    for ((number = 0; number <= live_runs * 2 / 5; ++number)); do
      progress "live: push $number to $method"
      live_push_hooked "$method" "$((number + 1000))"
    done
  done
}

bench_router() {
  local router=$1 number
  local -x TEALHOOK_HOME=$work/home-$router
  let_kernel_hand_over "$router"
  "$tealhook" setup --engine "$MACHINE_ENGINE" --registry "$registry" --router "$router" >>"$log"
  "$tealhook" router up >>"$log"
  next_port
  "$tealhook" app create "$id-$router" --blue-port "$port" --green-port "$((port + 1000))" \
    --live-port "$((port + 2000))" >>"$log"
  live_port=$((port + 2000))
  make_source live "$router"
  live_page=()
  for ((number = 0; number <= live_runs; ++number)); do
    progress "live: push $number of $live_runs by $router"
    live_push "$router" push live.git "$((number + 1000))" "$number"
    if ((number % 5 == 1)); then deploy_by_engine "$router" "$number"; fi
  done
  for ((number = 1; number <= live_runs; ++number)); do
    progress "live: switch $number of $live_runs by $router"
    move_live "$router" switch
  done
  for ((number = 1; number <= live_runs * 2 / 5; ++number)); do
    progress "live: rollback $number by $router"
    move_live "$router" rollback
  done
  for ((number = 1; number <= live_runs * 2 / 5; ++number)); do
    progress "live: redeploy $number by $router"
    live_push "$router" redeploy "$(live_color "$router").git" "$((number + 2000))" "$number"
  done
  for number in 3 4 2 3 4; do go_back_far "$router" "$number"; done
  for ((number = 1; number <= (live_runs + 9) / 10; ++number)); do bench_clients "$router" "$number"; done
  "$tealhook" app remove "$id-$router" --yes >>"$log"
  "$tealhook" router down >>"$log"
}

# Each kind of client, while traffic moves in each way, and while another app comes and goes. A websocket is kept where it
# may be: a push ends it with the container it talks to.
bench_clients() {
  local router=$1 kind source=$work/live-$1/source
  for kind in "${live_clients[@]}"; do
    progress "live: $kind clients, round $2, by $router"
    commit_version "$source" "$router-$kind-$2"
    ask_as "$kind" moving "$router" git -C "$source" push "$TEALHOOK_HOME/apps/$id-$router/live.git" main
    ask_as "$kind" moving "$router" "$tealhook" switch "$id-$router"
    ask_as "$kind" moving "$router" "$tealhook" rollback "$id-$router"
    commit_version "$source" "$router-$kind-$2-again"
    ask_as "$kind" moving "$router" git -C "$source" push "$TEALHOOK_HOME/apps/$id-$router/$(live_color "$router").git" main
    ask_as "$kind" coming "$router" come_and_go "$router"
    ask_as "$kind" anew "$router" "$tealhook" restart "$id-$router"
    ask_as "$kind" anew "$router" "$tealhook" env "$id-$router" set "ROUND=$kind-$2"
  done
  ask_as upgraded moving "$router" "$tealhook" switch "$id-$router"
  ask_as upgraded moving "$router" "$tealhook" rollback "$id-$router"
  ask_as upgraded coming "$router" come_and_go "$router"
}

# ask_as KIND WHAT ROUTER COMMAND...
ask_as() {
  local kind=$1 what=$2 router=$3
  shift 3
  export -f come_and_go
  export id work tealhook
  echo "live-$kind-$what $router $("$clients" "$live_port" "$kind" bash -c '"$@"' - "$@" 2>>"$log")" >>"$results"
}

come_and_go() {
  "$tealhook" app create "$id-$1-other" && "$tealhook" app remove "$id-$1-other" --yes
}

# Caddy drops nothing only so; what the host had is put back by clean_up_live.
let_kernel_hand_over() {
  local file=/proc/sys/net/ipv4/tcp_migrate_req
  if [[ $1 == caddy && -w $file ]]; then
    migrate_before=$(<"$file")
    echo 1 >"$file"
  fi
}

clean_up_live() {
  local router
  for router in "${live_routers[@]}"; do
    if [[ -d $work/home-$router ]]; then
      machine_unless_busy "$tealhook" --home "$work/home-$router" app remove "$id-$router" --yes
      "$tealhook" --home "$work/home-$router" router down
    fi
  done
  if [[ ${migrate_before-} ]]; then echo "$migrate_before" >/proc/sys/net/ipv4/tcp_migrate_req; fi
}

live_color() { "$tealhook" status "$id-$1" | awk '$3 == "(live)" { print $2 }'; }

# live_push ROUTER WHAT REPOSITORY NUMBER COUNT: the first, which makes the color, is not counted.
live_push() {
  local source=$work/live-$1/source version=live-$1-$4 line
  commit_version "$source" "$version"
  line=$("$prober" --every $live_pause "$live_port" "$version" git -C "$source" push "$TEALHOOK_HOME/apps/$id-$1/$3" main \
    2>>"$log")
  live_page[$(live_color "$1")]=$version
  if (($5)); then echo "live-$2 $1 $line" >>"$results"; fi
}

live_push_hooked() {
  local folder=$work/live-$1 version=live-$1-$2 line
  commit_version "$folder/source" "$version"
  line=$("$prober" --every $live_pause "$(<"$folder/port")" "$version" git -C "$folder/source" push "$(<"$folder/remote")" \
    main 2>>"$log")
  if (($2 > 1000)); then echo "live-redeploy $1 $line" >>"$results"; fi
}

# move_live ROUTER switch|rollback: to the color that is idle, until it answers.
move_live() {
  local to=blue line
  if [[ $(live_color "$1") == blue ]]; then to=green; fi
  line=$("$prober" --every $live_pause "$live_port" "${live_page[$to]}" "$tealhook" "$2" "$id-$1" 2>>"$log")
  echo "live-$2 $1 $line" >>"$results"
}

# As tealhook finds it: the first on PATH may be without.
command_line_with_buildkit() {
  local cli
  for cli in docker /usr/bin/docker; do
    if DOCKER_BUILDKIT=1 "$cli" build -q - <<<"FROM scratch" >>"$log" 2>&1; then
      echo "$cli"
      return
    fi
  done
  echo "error: no docker here builds with BuildKit" >&2
  return 1
}

# deploy_by_engine ROUTER NUMBER: what of a push is the engine's: a change like it built, created and started, under the
# same load.
deploy_by_engine() {
  local name=$id-$1-built source=$work/live-$1/source line
  commit_version "$source" "engine-$1-$2"
  # shellcheck disable=SC2016 # the inner shell's
  line=$(DOCKER_BUILDKIT=1 "$prober" --every $live_pause "$live_port" "${live_page[$(live_color "$1")]}" bash -c '"$4" build -q -t "$1" "$2" && "$4" run -d --network "$3" --name "$1" "$1"' \
    - "$name" "$source" "tealhook-$id-$1" "$(command_line_with_buildkit)" 2>>"$log")
  echo "live-built $1 $line" >>"$results"
  docker rm -f "$name" >>"$log" 2>&1
  docker rmi "$name" >>"$log" 2>&1
}

# go_back_far ROUTER N: to the release of N commits before, which is kept and does not run; and the engine's own create
# and start of its image, in the same network.
go_back_far() {
  local commit name=$id-$1-engine
  commit=$(git -C "$work/live-$1/source" rev-parse "main~$2")
  time_command live-engine "$1" docker run -d --network "tealhook-$id-$1" --name "$name" "$registry/$id-$1:$commit"
  docker rm -f "$name" >>"$log" 2>&1
  time_command live-far "$1" "$tealhook" rollback "$id-$1" "$commit"
}

print_live_table() {
  if ! grep -q '^live-' "$results"; then return; fi
  printf '\n%-34s%12s%12s%12s%12s%12s%9s\n' "live traffic, 500 requests/s" "${live_routers[@]}" "shell hook" compose limit
  live_row failed push "live pushes: failed" "0"
  live_row failed switch "switches: failed" "0"
  live_row failed rollback "rollbacks: failed" "0"
  live_row failed redeploy "redeploys of the live color: failed" "0"
  live_row reset redeploy "of them, reset" "0"
  live_row requests redeploy "of so many requests"
  live_row serving push "push until it is live"
  live_row returned built "the engine's build, create and start"
  live_difference push serving built returned "more than the engine's" "0.06 s"
  live_row serving switch "switch until the other answers" "0.03 s"
  live_row serving rollback "rollback to the idle color" "0.03 s"
  live_row took far "rollback to an older release"
  live_row took engine "the engine's create and start"
  live_ratio far engine "ratio" "1.30"
  print_clients moving "traffic moves: lost by clients" 0
  print_clients coming "an app comes and goes: lost"
  print_clients anew "restart, env set: lost by clients" 0
}

# print_clients WHAT TEXT [LIMIT]: a row a kind, failed of how many.
print_clients() {
  local kind method cells
  printf '\n%-34s%12s%12s%12s%33s\n' "$2" "${live_routers[@]}" "${3+limit}"
  for kind in "${live_clients[@]}" upgraded; do
    if ! grep -q "^live-$kind-$1 " "$results"; then continue; fi
    cells=()
    for method in "${live_routers[@]}"; do
      cells+=("$(measured "live-$kind-$1" "$method" failed | sum)/$(measured "live-$kind-$1" "$method" of | sum)")
    done
    printf '%-34s%12s%12s%12s%33s\n' "  $kind" "${cells[@]}" "${3-}"
  done
}

# live_ratio ONE OTHER TEXT LIMIT: of the medians of what two took.
live_ratio() {
  local method cells=() one other
  for method in "${live_routers[@]}"; do
    one=$(measured "live-$1" "$method" took | median)
    other=$(measured "live-$2" "$method" took | median)
    cells+=("$(awk "BEGIN { printf \"%.2f\", $one / $other }")")
  done
  printf '%-34s%12s%12s%12s%12s%12s%9s\n' "  $3" "${cells[@]}" "" "" "$4"
}

# live_difference ONE KEY OTHER KEY TEXT LIMIT: between the medians of what two took.
live_difference() {
  local method cells=() one other
  for method in "${live_routers[@]}"; do
    one=$(measured "live-$1" "$method" "$2" | median)
    other=$(measured "live-$3" "$method" "$4" | median)
    cells+=("$(seconds "$((one - other))")")
  done
  printf '%-34s%12s%12s%12s%12s%12s%9s\n' "  $5" "${cells[@]}" "" "" "$6"
}

# live_row KEY WHAT TEXT [LIMIT]: sums of counts, medians of times.
live_row() {
  local method cells=() values
  for method in "${live_routers[@]}" shell compose; do
    case $1 in
      failed | reset) values=$(measured "live-$2" "$method" "$1" | sum) ;;
      requests) values=$(measured "live-$2" "$method" of | sum) ;;
      *) values=$(seconds "$(measured "live-$2" "$method" "$1" | median)") ;;
    esac
    cells+=("$values")
  done
  printf '%-34s%12s%12s%12s%12s%12s%9s\n' "  $3" "${cells[@]}" "${4-}"
}

sum() { awk '{ total += $1 } END { if (NR) print total }'; }
