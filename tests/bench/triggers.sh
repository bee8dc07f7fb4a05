#!/usr/bin/env bash
# How long it takes from a trigger file's being moved into its folder until its deployment has begun: by the app's own
# repository, and by one beside it that is fetched from. The limit that we set ourselves is 20 ms. The deployments
# themselves fail, for there is no engine: this is about what comes before.
#
#   tests/bench/triggers.sh [BUILD [COUNT]]        BUILD: build/release; COUNT: of files, 50
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(realpath "${1:-$here/../../build/release}")
count=${2:-50}
work=$(mktemp -d /var/tmp/teal-triggers.XXXXXX)
export TEALHOOK_HOME=$work/home
daemon=

stop() {
  if [[ $daemon ]]; then kill "$daemon"; fi
  wait
  rm -rf "$work"
}
trap stop EXIT

"$build/bin/tealhook" setup --router none --engine "unix://$work/none.sock" --registry localhost:1 >/dev/null
sed -i "s/#listen: 127.0.0.1:8888/listen: 127.0.0.1:$((20000 + $$ % 10000))/" "$TEALHOOK_HOME/tealhook.yml"
"$build/bin/tealhook" app create shop >/dev/null
mkdir "$work/drop" "$work/source"
git -c init.defaultBranch=main init -q "$work/source"
git -C "$work/source" -c user.name=bench -c user.email=bench@localhost commit -q --allow-empty -m bench
git init -q --bare "$work/remote.git"
git -C "$work/source" push -q "$work/remote.git" main
git -C "$TEALHOOK_HOME/apps/shop/blue.git" fetch -q "$work/remote.git" main:main
sed -i 's/#retries: 3/retries: 0/' "$TEALHOOK_HOME/apps/shop/app.yml" # one deployment a file
cat >>"$TEALHOOK_HOME/apps/shop/app.yml" <<END
rules: [{branch: main, deploy: blue}]
sources:
  - {name: own, kind: file, folder: $work/drop, file: own, redeploy: true, branch: main}
  - {name: remote, kind: file, folder: $work/drop, file: remote, redeploy: true, url: $work/remote.git, branch: main}
END
"$build/bin/tealhook" serve 2>"$work/log" &
daemon=$!
until [[ -d $work/drop/.claimed ]]; do sleep 0.1; done

for source in own remote; do
  printf '%-8s' "$source"
  "$build/tests/bench/triggers" "$TEALHOOK_HOME" shop "$work/drop" "$source" "$count" || {
    tail -n 20 "$work/log" >&2
    exit 1
  }
done
