#!/usr/bin/env bash
# Signed pushes of 4 kB to tealhook serve and to Debian's webhook, in turns, on the same machine: how many are taken each
# second, how long one in a hundred waits, and how much memory that takes. tealhook has stored each on the disk by then;
# webhook starts a program for it, and remembers nothing.
#
#   tests/bench/deliveries.sh [BUILD [SECONDS]]        BUILD: build/release; SECONDS: of each run, 10
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${1:-$here/../../build/release}
seconds=${2:-10}
connections=64
secret="It's a Secret to Everybody"
work=$(mktemp -d /var/tmp/teal-deliveries.XXXXXX)
pids=()

stop() {
  ((${#pids[@]} == 0)) || kill "${pids[@]}" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap stop EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

await() { # PORT
  local try
  for ((try = 0; try < 200; ++try)); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
    sleep 0.05
  done
  echo "nothing listens on $1" >&2
  exit 1
}

memory() { awk -v key="$2:" '$1 == key { printf "%.1f", $2 / 1024 }' "/proc/$1/status"; }

start_tealhook() {
  teal_port=$(free_port)
  export TEALHOOK_HOME=$work/home
  "$build/bin/tealhook" setup --router none --registry localhost:"$(free_port)" >/dev/null
  mkdir -p "$TEALHOOK_HOME/apps/shop/logs"
  echo "$secret" >"$TEALHOOK_HOME/apps/shop/hub.secret"
  git -c init.defaultBranch=main init -q --bare "$work/remote.git"
  # No branch of the pushes is deployed: this is about taking them.
  cat >"$TEALHOOK_HOME/apps/shop/app.yml" <<END
colors: {blue: {port: 50101}, green: {port: 50100}}
rules: [{branch: main, deploy: none}]
sources: [{name: hub, kind: webhook, forge: github, secret_file: hub.secret, url: $work/remote.git}]
END
  sed -i "s/#listen: 127.0.0.1:8888/listen: 127.0.0.1:$teal_port/" "$TEALHOOK_HOME/tealhook.yml"
  "$build/bin/tealhook" serve 2>"$work/tealhook.log" &
  teal=$!
  pids+=("$teal")
  await "$teal_port"
}

start_webhook() {
  webhook_port=$(free_port)
  cat >"$work/hooks.json" <<END
[{"id": "shop", "execute-command": "/bin/true",
  "trigger-rule": {"match": {"type": "payload-hmac-sha256", "secret": "$secret",
    "parameter": {"source": "header", "name": "X-Hub-Signature-256"}}}}]
END
  webhook -hooks "$work/hooks.json" -ip 127.0.0.1 -port "$webhook_port" >"$work/webhook.log" 2>&1 &
  webhook=$!
  pids+=("$webhook")
  await "$webhook_port"
}

# Until neither works any more: webhook starts programs for what it has answered long after that.
rest() {
  local before='' now
  until now=$(cut -d ' ' -f 14-17 "/proc/$teal/stat" "/proc/$webhook/stat") && [[ $now == "$before" ]]; do
    before=$now
    sleep 1
  done
}

row() { # NAME PID PORT PATH IDLE
  local told
  rest
  told=$("$build/tests/bench/deliveries" "$3" "$4" "$secret" "$connections" "$seconds" "$5")
  printf '%-34s %s  most memory %s MB\n' "$1" "$told" "$(memory "$2" VmHWM)"
}

command -v webhook >/dev/null || {
  echo "needs: apt-get install webhook" >&2
  exit 1
}
start_tealhook
start_webhook
rest
printf '%-34s %s MB of memory\n' "tealhook serve, idle" "$(memory "$teal" VmRSS)"
row "tealhook serve" "$teal" "$teal_port" /hook/shop/hub 0
row "webhook" "$webhook" "$webhook_port" /hooks/shop 0
row "tealhook serve" "$teal" "$teal_port" /hook/shop/hub 0
row "webhook" "$webhook" "$webhook_port" /hooks/shop 0
row "tealhook serve, 5,000 slow beside" "$teal" "$teal_port" /hook/shop/hub 5000
