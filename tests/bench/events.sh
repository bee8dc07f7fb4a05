# What a push costs in a home that has stored a million events and deliveries, beside one that has none. Sourced by run.sh.
# shellcheck shell=bash disable=SC2154 # what run.sh sets

many_events=1000000

bench_events() {
  local number version line
  local -x TEALHOOK_HOME=$work/home-events
  "$tealhook" setup --engine "$MACHINE_ENGINE" --registry "$registry" --router none >>"$log"
  make_source events tealhook live
  next_port
  "$tealhook" app create "$id-events" --blue-port "$port" --green-port "$((port + 1000))" >>"$log"
  remember_remote "$work/events-tealhook" "$TEALHOOK_HOME/apps/$id-events/blue.git"
  bench_pushes_with_events none 0
  progress "events: storing $many_events"
  store_events
  bench_pushes_with_events many 100
  clean_up_events >>"$log" 2>&1
}

# bench_pushes_with_events HOW-MANY NUMBER: the first makes the color, or wakes what slept, and is not counted.
bench_pushes_with_events() {
  local number version line
  for ((number = 0; number <= runs * 2; ++number)); do
    progress "events: push $number beside $1"
    version=events-$(($2 + number))
    commit_version "$work/events-tealhook/source" "$version"
    line=$("$prober" "$port" "$version" git -C "$work/events-tealhook/source" push "$(<"$work/events-tealhook/remote")" main \
      2>>"$log")
    if ((number)); then echo "events-push $1 $line" >>"$results"; fi
  done
}

# As they come to be: each with its delivery, what that said, and a deployment that another one took the place of.
store_events() {
  python3 - "$TEALHOOK_HOME/state.db" "$id-events" "$many_events" <<'END'
import sqlite3
import sys

file, app, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
store = sqlite3.connect(file)
columns = lambda table: [row[1] for row in store.execute(f"PRAGMA table_info({table})") if row[1] != "id"]
event, deployment = (store.execute(f"SELECT max(id) FROM {table} WHERE app = ?", (app,)).fetchone()[0]
                     for table in ("events", "deployments"))
numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"

def copy(table, row, changed):
    names = columns(table)
    values = [changed.get(name, name) for name in names]
    store.execute(f"INSERT INTO {table} ({', '.join(names)}) {numbers} "
                  f"SELECT {', '.join(values)} FROM n, {table} WHERE {table}.id = ?", (row,))

copy("events", event, {})
first = store.execute("SELECT max(id) FROM events").fetchone()[0] - count
copy("deployments", deployment, {"event_id": f"{first} + n.i", "status": "'superseded'"})
store.execute(f"INSERT INTO deliveries (app, source, sender, refs, at, status) {numbers} "
              "SELECT ?, 'hub', 'bench-' || n.i, 'refs/heads/main', 0, 'done' FROM n", (app,))
store.execute("INSERT INTO delivery_bodies SELECT id, 'X-GitHub-Event: push', '{}' FROM deliveries")
store.commit()
END
}

clean_up_events() {
  local home=$work/home-events
  if [[ ! -d $home ]]; then return; fi
  machine_unless_busy "$tealhook" --home "$home" app remove "$id-events" --yes
  rm -rf "$home"
}

print_events_table() {
  if ! grep -q '^events-' "$results"; then return; fi
  printf '\n%-34s%12s%12s%33s\n' "a home with stored events" "none" "$many_events" "limit"
  printf '%-34s%12s%12s%33s\n' "  push to serving" "$(seconds "$(measured events-push none serving | median)")" \
    "$(seconds "$(measured events-push many serving | median)")" "1.20 of none"
}
