# A compose project of five services, of which a push changes the one that answers: by tealhook without a router and
# behind HAProxy, and by docker-compose itself. Sourced by run.sh.
# shellcheck shell=bash disable=SC2154 # what run.sh sets

stack_services=(cache queue search mail)

bench_stack() {
  local number method
  make_stack_app tealhook "$TEALHOOK_HOME"
  "$tealhook" setup --home "$work/home-stack" --engine "$MACHINE_ENGINE" --registry "$registry" --router haproxy >>"$log"
  "$tealhook" --home "$work/home-stack" router up >>"$log"
  make_stack_app routed "$work/home-stack"
  make_stack_source compose
  make_hooked_remote_of "$work/stack-compose" "$id-stack-compose" stack
  for ((number = 0; number <= runs * 2; ++number)); do # the first makes the color, and is not counted
    for method in tealhook routed compose; do
      progress "stack: push $number of $((runs * 2)) by $method"
      push_stack "$method" "$((number + 1000))"
    done
  done
}

make_stack_source() {
  local service source=$work/stack-$1/source
  make_source stack "$1" quick
  {
    printf 'services:\n  web:\n    build: .\n    ports: ["${TEALHOOK_PORT}:8080"]\n    depends_on: [cache]\n'
    for service in "${stack_services[@]}"; do printf '  %s: {build: ./%s}\n' "$service" "$service"; done
  } >"$source/docker-compose.yml"
  for service in "${stack_services[@]}"; do
    mkdir "$source/$service"
    cp "$(command -v busybox)" "$source/$service"
    printf 'FROM scratch\nLABEL %s=%s\nCOPY busybox /\nCMD ["/busybox", "sh", "-c", "trap exit TERM; sleep 9999 & wait"]\n' \
      "$id" "$service-$1" >"$source/$service/Dockerfile"
  done
}

# make_stack_app METHOD HOME
make_stack_app() {
  local name=$id-stack-$1
  make_stack_source "$1"
  next_port
  "$tealhook" --home "$2" app create "$name" --blue-port "$port" --green-port "$((port + 1000))" >>"$log"
  printf 'target: stack\ntargets: {stack: {kind: compose}}\n' >>"$2/apps/$name/app.yml"
  remember_remote "$work/stack-$1" "$2/apps/$name/blue.git"
}

push_stack() {
  local folder=$work/stack-$1 version=stack-$1-$2 line
  commit_version "$folder/source" "$version"
  line=$("$prober" --every 2 "$(<"$folder/port")" "$version" git -C "$folder/source" push "$(<"$folder/remote")" main \
    2>>"$log")
  if (($2 > 1000)); then echo "stack $1 $line" >>"$results"; fi
}

clean_up_stack() {
  if [[ ! -d $work/stack-tealhook ]]; then return; fi
  machine_unless_busy "$tealhook" app remove "$id-stack-tealhook" --yes
  machine_unless_busy "$tealhook" --home "$work/home-stack" app remove "$id-stack-routed" --yes
  "$tealhook" --home "$work/home-stack" router down
  TEALHOOK_PORT=1 docker-compose -p "$id-stack-compose" -f "$work/stack-compose/source/docker-compose.yml" down
}

print_stack_table() {
  if ! grep -q '^stack ' "$results"; then return; fi
  printf '\n%-34s%12s%12s%12s%9s%9s\n' "compose, one of five changed" tealhook "by HAProxy" compose ratio limit
  stack_row serving "push to serving"
  stack_row away "away meanwhile" 0.50
  printf '%-34s%12s%12s%12s%9s%9s\n' "  failed requests" "$(measured stack tealhook failed | sum)" \
    "$(measured stack routed failed | sum)" "$(measured stack compose failed | sum)" "" "0 routed"
}

# stack_row KEY TEXT [LIMIT]: medians.
stack_row() {
  local ours routed theirs
  ours=$(measured stack tealhook "$1" | median)
  routed=$(measured stack routed "$1" | median)
  theirs=$(measured stack compose "$1" | median)
  printf '%-34s%12s%12s%12s%9s%9s\n' "  $2" "$(seconds "$ours")" "$(seconds "$routed")" "$(seconds "$theirs")" \
    "$(awk "BEGIN { printf \"%.2f\", $ours / ($theirs ? $theirs : 1) }")" "${3-}"
}
