# What a home of many apps, some of them deployed, costs beside a home of one, behind HAProxy. Sourced by run.sh.
# shellcheck shell=bash disable=SC2154 # what run.sh sets

many_apps=1000
deployed_apps=20

bench_apps() {
  local number
  local -x TEALHOOK_HOME=$work/home-apps
  "$tealhook" setup --engine "$MACHINE_ENGINE" --registry "$registry" --router haproxy >>"$log"
  "$tealhook" router up >>"$log"
  make_source apps tealhook live
  next_port
  time_command apps-create one "$tealhook" app create "$id-apps" --blue-port "$port" --green-port "$((port + 1000))" \
    --live-port "$((port + 2000))"
  remember_remote "$work/apps-tealhook" "$TEALHOOK_HOME/apps/$id-apps/blue.git"
  bench_pushes_of_a_home one 0
  for ((number = 2; number <= many_apps; ++number)); do
    if ((number % 50 == 0)); then progress "apps: $number of $many_apps"; fi
    time_command apps-create "$( ((number > many_apps - 5)) && echo many || echo few)" \
      "$tealhook" app create "$id-apps-$number"
    if ((number <= deployed_apps)); then
      git -C "$work/apps-tealhook/source" push -q "$TEALHOOK_HOME/apps/$id-apps-$number/live.git" main >>"$log" 2>&1
    fi
  done
  bench_pushes_of_a_home many 100
  for ((number = 0; number < 5; ++number)); do
    time_command apps-status many "$tealhook" status
    time_command apps-status-of-one many "$tealhook" status "$id-apps"
    time_command apps-recover many "$tealhook" recover
  done
  clean_up_apps >>"$log" 2>&1
}

# bench_pushes_of_a_home HOW-MANY NUMBER: the first makes the color, or wakes what slept, and is not counted.
bench_pushes_of_a_home() {
  local number version line
  for ((number = 0; number <= runs * 2; ++number)); do
    progress "apps: push $number of a home of $1"
    version=apps-$(($2 + number))
    commit_version "$work/apps-tealhook/source" "$version"
    line=$("$prober" "$port" "$version" git -C "$work/apps-tealhook/source" push "$(<"$work/apps-tealhook/remote")" main \
      2>>"$log")
    if ((number)); then echo "apps-push $1 $line" >>"$results"; fi
  done
}

clean_up_apps() {
  local number home=$work/home-apps
  if [[ ! -d $home ]]; then return; fi
  machine_unless_busy "$tealhook" --home "$home" app remove "$id-apps" --yes
  for ((number = 2; number <= deployed_apps; ++number)); do
    machine_unless_busy "$tealhook" --home "$home" app remove "$id-apps-$number" --yes
  done
  "$tealhook" --home "$home" router down
  rm -rf "$home"
}

print_apps_table() {
  if ! grep -q '^apps-' "$results"; then return; fi
  printf '\n%-34s%12s%12s%33s\n' "a home behind HAProxy" "one app" "$many_apps apps" "limit"
  apps_row push serving "push to serving" "1.20 of one"
  apps_row create took "app create" "1.50 of one"
  apps_row status took "status" "2 s"
  apps_row status-of-one took "status NAME" "0.1 s"
  apps_row recover took "recover of a running host" "5 s"
}

# apps_row WHAT KEY TEXT LIMIT: medians.
apps_row() {
  local one many
  one=$(measured "apps-$1" one "$2" | median)
  many=$(measured "apps-$1" many "$2" | median)
  printf '%-34s%12s%12s%33s\n' "  $3" "$(seconds "$one")" "$(seconds "$many")" "$4"
}
