# What a deployment by a command takes beside the command itself, which is one that ends at once. Sourced by run.sh.
# shellcheck shell=bash disable=SC2154 # what run.sh sets

bench_command() {
  local number name=$id-command
  make_source command tealhook quick
  "$tealhook" app create "$name" >>"$log"
  printf '%s\n' "rules: [{branch: main, deploy: site}]" "targets: {site: {kind: command, run: [/bin/true]}}" \
    >>"$TEALHOOK_HOME/apps/$name/app.yml"
  for ((number = 0; number <= runs * 4; ++number)); do # the first makes the target, and is not counted
    progress "command: push $number of $((runs * 4))"
    commit_version "$work/command-tealhook/source" "$number"
    git -C "$work/command-tealhook/source" push "$TEALHOOK_HOME/apps/$name/blue.git" main >>"$log" 2>&1
  done
  "$tealhook" history "$name" -n "$((runs * 4))" --json >"$work/command.json"
}

print_command_table() {
  if [[ ! -f $work/command.json ]]; then return; fi
  printf '\n%-34s%12s%42s\n' "a deployment by a command" "tealhook" "limit"
  printf '%-34s%12s%42s\n' "  beside the command's own time" "$(numbers total_ms <"$work/command.json" | median) ms" "30 ms"
}
