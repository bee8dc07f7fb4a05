#!/usr/bin/env bash
# tealhook beside a plain shell post-receive hook and docker-compose, pushed to in turns on the same engine and registry.
# Prints one table, with the limits we set ourselves. Exits non-zero only if something could not be measured.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../support/machine.sh
source "$here/../support/machine.sh"
# shellcheck source-path=SCRIPTDIR source=live.sh
source "$here/live.sh"
# shellcheck source-path=SCRIPTDIR source=apps.sh
source "$here/apps.sh"
# shellcheck source-path=SCRIPTDIR source=keys.sh
source "$here/keys.sh"
# shellcheck source-path=SCRIPTDIR source=events.sh
source "$here/events.sh"
# shellcheck source-path=SCRIPTDIR source=targets.sh
source "$here/targets.sh"
# shellcheck source-path=SCRIPTDIR source=scale.sh
source "$here/scale.sh"

# shellcheck source-path=SCRIPTDIR source=stack.sh
source "$here/stack.sh"

usage() {
  cat <<END
usage: tests/bench/run.sh [--runs N] [--live N] [CASE...]

  --runs N   pushes a method and case (5; of them 2 where a method waits 10 s for a program to stop)
  --live N   live pushes and switches a router (50), and two fifths as many rollbacks and redeploys
  CASE       of quick, dependencies, stubborn, checkout, live, apps, keys, events, command, stack, scale (all)
END
}

runs=5
live_runs=50
cases=()
while (($#)); do
  case $1 in
    --runs) runs=$2 && shift ;;
    --live) live_runs=$2 && shift ;;
    quick | dependencies | stubborn | checkout | live | apps | keys | events | command | stack | scale) cases+=("$1") ;;
    --help | -h) usage && exit ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done
((${#cases[@]})) || cases=(quick dependencies stubborn checkout live apps keys events command stack scale)

id=bench-$$
work=$(mktemp -d "/var/tmp/teal-$id.XXXXXX")
results=$work/results # a line a measurement: CASE METHOD, then names and milliseconds
log=$work/log
: >"$results"
files=
export TEALHOOK_HOME=$work/home
build=$MACHINE_ROOT/build/release
tealhook=$build/bin/tealhook
prober=$build/tests/bench/prober
clients=$build/tests/bench/clients
checkout_bench=$build/tests/bench/checkout_bench
methods=(tealhook shell compose)

main() {
  machine_at_end stop
  machine_packages build run unit test
  machine_build release hooks/all tools/all tests/bench/all test_app_program
  machine_engine_up "$work"
  make_home
  local name
  for name in "${cases[@]}"; do
    case $name in
      checkout) bench_checkout ;;
      live) bench_live ;;
      apps) bench_apps ;;
      keys) bench_keys ;;
      events) bench_events ;;
      command) bench_command ;;
      stack) bench_stack ;;
      scale) bench_scale ;;
      *) bench_pushes "$name" ;;
    esac
  done
  print_table
}

stop() {
  local status=$?
  if ((status)); then tail -n 50 "$log" >&2; fi
  clean_up >>"$log" 2>&1 || true
  machine_engine_down "$work"
  rm -rf "$work" ${files:+"$files"}
}

clean_up() {
  local name
  clean_up_live
  clean_up_apps
  clean_up_keys
  clean_up_events
  clean_up_stack
  clean_up_scale
  for name in "${cases[@]}"; do
    machine_unless_busy "$tealhook" app remove "$id-$name" --yes
    docker rm -f "$id-$name-shell" "$id-$name-compose"
    docker network rm "$id-$name-compose_default"
  done
  "$tealhook" registry down
  docker images -q --filter "label=$id" | sort -u | xargs -r docker rmi -f # every image is labelled so
}

make_home() {
  registry=localhost:$(machine_free_port 5050)
  port=21100 # below those that the system gives to outgoing connections, of which the prober makes many
  "$tealhook" setup --engine "$MACHINE_ENGINE" --registry "$registry" --router none >>"$log"
  "$tealhook" registry up >>"$log"
  g++ -std=c++20 -O2 -static -s "$MACHINE_ROOT/examples/blue-green/app/web.cpp" -o "$work/web"
}

# --- pushes

bench_pushes() {
  local name=$1 method number
  for method in "${methods[@]}"; do
    make_source "$name" "$method"
    "make_${method}_remote" "$name"
  done
  for ((number = 0; number <= runs; ++number)); do # the first makes the color, and is not counted
    for method in "${methods[@]}"; do
      if [[ $name == stubborn && $method != tealhook ]] && ((number > 2)); then continue; fi
      progress "$name: push $number of $runs to $method"
      push "$name" "$method" "$((number + 1000))"
    done
  done
  "$tealhook" history "$id-$name" -n 100 --json >"$work/$name.json"
}

# make_source CASE METHOD [FILES]: those of another case. Each method gets layers of its own, so that none finds in the
# engine what another has built.
make_source() {
  local source=$work/$1-$2/source
  mkdir -p "$source"
  git -c init.defaultBranch=main init -q "$source"
  sed "/^FROM/a LABEL $id=$2" "$here/cases/${3-$1}.Dockerfile" >"$source/Dockerfile"
  cp "$work/web" "$build/tests/test_app_program" "$(command -v busybox)" "$source"
  mv "$source/test_app_program" "$source/program"
}

make_tealhook_remote() {
  next_port
  "$tealhook" app create "$id-$1" --blue-port "$port" --green-port "$((port + 1000))" >>"$log"
  remember_remote "$work/$1-tealhook" "$TEALHOOK_HOME/apps/$id-$1/blue.git"
}

make_shell_remote() { make_hooked_remote "$1" shell; }
make_compose_remote() { make_hooked_remote "$1" compose; }

make_hooked_remote() { make_hooked_remote_of "$work/$1-$2" "$id-$1-$2" "$2"; }

# make_hooked_remote_of FOLDER NAME HOOK
make_hooked_remote_of() {
  local folder=$1
  local remote=$folder/repo.git
  next_port
  mkdir "$folder/tree"
  git -c init.defaultBranch=main init -q --bare "$remote"
  cat >"$remote/hooks/post-receive" <<END
#!/bin/sh
NAME=$2 PORT=$port WORK_TREE=$folder/tree REGISTRY=$registry exec "$here/$3-hook.sh"
END
  chmod +x "$remote/hooks/post-receive"
  remember_remote "$folder" "$remote"
}

next_port() { port=$(machine_free_port $((port + 1))); }

remember_remote() {
  echo "$2" >"$1/remote"
  echo "$port" >"$1/port"
}

# push CASE METHOD NUMBER: a commit that changes one file; what the prober says of it is kept, but for the very first.
push() {
  local folder=$work/$1-$2 version=$1-$2-$3 line
  commit_version "$folder/source" "$version"
  line=$("$prober" "$(<"$folder/port")" "$version" git -C "$folder/source" push "$(<"$folder/remote")" main 2>>"$log")
  if (($3 > 1000)); then echo "$1 $2 $line" >>"$results"; fi
}

# commit_version SOURCE VERSION
commit_version() {
  echo "$2" >"$1/version"
  git -C "$1" add --all
  git -C "$1" -c user.name=bench -c user.email=bench@localhost -c commit.gpgsign=false commit -q -m "$2"
}

# --- checkout of 40,000 files

# In memory: a disk takes longer to forget 40,000 files than either takes to write them, and that blurs the next round.
bench_checkout() {
  local run
  files=$(mktemp -d "/dev/shm/teal-$id.XXXXXX")
  progress "checkout of 40,000 files"
  git -c init.defaultBranch=main init -q --bare "$files/repo.git"
  commits_of_40000_files | git -C "$files/repo.git" fast-import --quiet --depth=0
  for ((run = 0; run < 5; ++run)); do
    rm -rf "$files"/{git,tealhook}{,.index}
    mkdir "$files"/{git,tealhook}
    time_checkouts empty main~1
    time_checkouts unchanged main~1
    time_checkouts changed main
  done
  rm -rf "$files"
}

commits_of_40000_files() {
  awk 'BEGIN {
    who = "committer bench <bench@localhost> 1700000000 +0000\ndata 0\n"
    while (length(padding) < 1000) padding = padding "0123456789"
    printf "commit refs/heads/main\n%s", who
    for (i = 0; i < 40000; ++i) {
      text = i " " substr(padding, 1, 100 + i % 900)
      printf "M 644 inline %d/%d/file-%d\ndata %d\n%s\n", i % 40, i % 400, i, length(text), text
    }
    printf "commit refs/heads/main\n%sM 644 inline 7/7/file-7\ndata 8\nchanged\n\n", who
  }'
}

# time_checkouts WHAT REVISION: by git and by tealhook, each into a folder of its own.
time_checkouts() {
  local commit
  commit=$(git -C "$files/repo.git" rev-parse "$2")
  GIT_INDEX_FILE=$files/git.index time_command "$1" git \
    git --git-dir="$files/repo.git" --work-tree="$files/git" checkout -q -f "$commit"
  time_command "$1" tealhook "$checkout_bench" "$files/repo.git" "$commit" "$files/tealhook" "$files/tealhook.index"
}

time_command() {
  local what=$1 method=$2 start
  shift 2
  start=${EPOCHREALTIME/./}
  "$@" >>"$log" 2>&1
  echo "$what $method took $(((${EPOCHREALTIME/./} - start) / 1000))" >>"$results"
}

# --- the table

print_table() {
  progress ""
  heading "push to serving" tealhook "shell hook" compose
  row quick serving "builds at once, stops at once" 0.30
  row dependencies serving "installs 5 s above the change" 0.20
  row stubborn serving "ignores SIGTERM" 0.10
  heading "until git push returns" tealhook "shell hook" compose
  row quick returned "builds at once, stops at once"
  row dependencies returned "installs 5 s above the change"
  row stubborn returned "ignores SIGTERM"
  heading "color away meanwhile" tealhook "shell hook" compose
  row quick away "builds at once, stops at once" "0.50 s"
  row dependencies away "installs 5 s above the change" "0.50 s"
  row stubborn away "ignores SIGTERM" "0.50 s"
  heading "of it, not the engine's" tealhook
  row_of_own_time quick "builds at once, stops at once"
  row_of_peak quick "the runner's peak memory"
  heading "checkout of 40,000 files, in RAM" tealhook "checkout -f"
  row empty took "into an empty folder" 1.00 git
  row unchanged took "nothing changed" 1.00 git
  row changed took "one file changed" 1.00 git
  print_live_table
  print_apps_table
  print_keys_table
  print_events_table
  print_command_table
  print_stack_table
  print_scale_table
}

# Shown once there is a line below it.
heading() {
  local text=$1
  shift
  printf -v pending_heading '\n%-34s%12s%12s%12s%9s%9s\n' "$text" "${1-}" "${2-}" "${3-}" ratio limit
}

# line FORMAT VALUES...
line() {
  printf '%s' "$pending_heading"
  pending_heading=
  # shellcheck disable=SC2059  # the columns are the caller's
  printf "$@"
}

# row CASE KEY TEXT [LIMIT [OTHER]]: medians, and tealhook's as a ratio of OTHER's.
row() {
  local ours theirs compose
  ours=$(measured "$1" tealhook "$2" | median)
  theirs=$(measured "$1" "${5-shell}" "$2" | median)
  compose=$(measured "$1" compose "$2" | median)
  if [[ -z $ours ]]; then return; fi
  line '%-34s%12s%12s%12s%9s%9s\n' "  $3" "$(seconds "$ours")" "$(seconds "$theirs")" "$(seconds "$compose")" \
    "$(awk "BEGIN { printf ${theirs:-0} ? \"%.2f\" : \"\", $ours / (${theirs:-0} ? ${theirs:-0} : 1) }")" "${4-}"
}

row_of_own_time() {
  if [[ ! -f $work/$1.json ]]; then return; fi
  local own
  own=$(paste <(numbers total_ms <"$work/$1.json") <(numbers engine_ms <"$work/$1.json") | awk '{ print $1 - $2 }' | median)
  line '%-34s%12s%42s\n' "  $2" "$(seconds "$own")" "0.06 s"
}

row_of_peak() {
  if [[ ! -f $work/$1.json ]]; then return; fi
  local kib
  kib=$(numbers runner_peak_kib <"$work/$1.json" | sort -n | tail -n 1)
  line '%-34s%12s%42s\n' "  $2" "$(awk "BEGIN { printf \"%.1f MB\", $kib * 1.024 / 1000 }")" "30 MB"
}

# measured CASE METHOD KEY: the numbers after KEY in the results.
measured() {
  sed -n "s/^$1 $2 .*\\b$3 \\([0-9]*\\).*/\\1/p" "$results"
}

numbers() {
  grep -o "\"$1\": *[0-9]*" | grep -o '[0-9]*$'
}

median() {
  sort -n | awk '{ value[NR] = $1 } END { if (NR) print value[int((NR + 1) / 2)] }'
}

seconds() {
  if [[ $1 ]]; then awk "BEGIN { printf \"%.2f s\", $1 / 1000 }"; fi
}

# A line on the terminal that the next one takes the place of.
progress() {
  if [[ -t 2 ]]; then printf '\r%-60s\r' "$1" >&2; fi
}

main
