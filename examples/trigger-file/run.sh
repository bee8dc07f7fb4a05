#!/usr/bin/env bash
# A receiver in a container, which may do nothing but write into one folder, gets a signed webhook; the host, which nobody
# may reach, sees the file that comes of it and deploys.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../../tests/support/machine.sh
source "$here/../../tests/support/machine.sh"

state=${TEALHOOK_EXAMPLE:-/var/tmp/tealhook-trigger-file}
app=${TEALHOOK_EXAMPLE_APP:-shop}
source=$state/source
forge=$state/forge.git # stands for the one on the internet
drop=$state/drop
config=$state/receiver
image=tealhook-receive-$app
receiver_uid=65532
export TEALHOOK_HOME=$state/home
tealhook=$MACHINE_ROOT/build/release/bin/tealhook
self=$here/run.sh

usage() {
  cat <<END
usage: run.sh [--down]

Installs what is missing, builds tealhook and the receiver's image, starts a container engine if none answers, serves a
home with one app, and delivers a webhook to the receiver. Run it again to deliver the next version.

  --down   stop and remove all that it started and made

All of it lies in one folder, $state (\$TEALHOOK_EXAMPLE names another).
END
}

main() {
  case ${1-} in
    '') up ;;
    --down) down ;;
    --help | -h) usage ;;
    *) usage >&2 && exit 2 ;;
  esac
}

up() {
  machine_packages build run
  machine_build release hooks/all tools/all
  mkdir -p "$source"
  machine_engine_up "$state"
  make_home
  make_drop
  machine_step "building the receiver's image" make_image
  start_receiver
  start_daemon
  say "before"
  if [[ -z $(page) ]]; then push_first_version; fi
  show_page
  say "a webhook"
  publish
  deliver
  say "after"
  await_page "$version"
  show_page
  "$tealhook" history "$app"
  tell_how_to_go_on
}

make_home() {
  if [[ ! -f $TEALHOOK_HOME/tealhook.yml ]]; then
    quietly "$tealhook" setup --engine "$MACHINE_ENGINE" --registry "localhost:$(machine_free_port 5000)" --router none
    sed -i "s/#listen: 127.0.0.1:8888/listen: 127.0.0.1:$(machine_free_port 8888)/" "$TEALHOOK_HOME/tealhook.yml"
  fi
  quietly "$tealhook" registry up
  if [[ -d $TEALHOOK_HOME/apps/$app ]]; then return; fi
  quietly "$tealhook" app create "$app"
  cat >>"$TEALHOOK_HOME/apps/$app/app.yml" <<END
rules: [{branch: main, deploy: blue}]
sources: [{name: drop, kind: file, folder: $drop, file: push-$app-main, owner: $receiver_uid, url: $forge, branch: main}]
END
}

# The receiver may put files there, and take none away but its own: a sticky bit.
make_drop() {
  mkdir -p "$drop" "$config"
  chgrp "$receiver_uid" "$drop"
  chmod 1770 "$drop"
  if [[ -f $config/hub.secret ]]; then return; fi
  (umask 077 && od -A n -N 32 -t x1 /dev/urandom | tr -d ' \n' >"$config/hub.secret")
  chown "$receiver_uid" "$config/hub.secret"
  echo "sources: [{app: $app, name: hub, forge: github, secret_file: hub.secret, branch: main}]" >"$config/receive.yml"
}

# Nothing is pulled: the image to build in is made of the packages of this host.
make_image() {
  if docker image inspect "$image"; then return; fi
  local packages
  read -r -a packages < <(sed -n 's/^ARG PACKAGES="\(.*\)"/\1/p' "$MACHINE_ROOT/templates/Dockerfile")
  "$MACHINE_ROOT/tests/support/make_base_image.sh" "$image-base" "${packages[@]}" || return
  docker build --file "$MACHINE_ROOT/templates/Dockerfile" --tag "$image" --build-arg "BASE=$image-base" \
    --build-arg PACKAGES= --build-arg "BUILD_TYPE=${TEALHOOK_EXAMPLE_BUILD_TYPE:-Release}" "$MACHINE_ROOT"
}

start_receiver() {
  if docker container inspect "$image" >/dev/null 2>&1; then return; fi
  quietly docker run --detach --name "$image" --read-only --cap-drop ALL --security-opt no-new-privileges \
    --publish "127.0.0.1:$(machine_free_port 8889):8889" --volume "$config:/etc/tealhook:ro" --volume "$drop:/drop" "$image"
  await "the receiver" curl -s -f "http://$(docker port "$image" 8889/tcp)/healthz"
}

start_daemon() {
  if daemon_runs; then return; fi
  setsid "$tealhook" serve >"$state/serve.log" 2>&1 </dev/null &
  echo "$! $(machine_started $!)" >"$state/serve"
  await "the daemon" grep -q 'listens' "$state/serve.log"
}

daemon_runs() {
  local pid started
  [[ -f $state/serve ]] && read -r pid started <"$state/serve" && [[ $(machine_started "$pid") == "$started" ]]
}

push_first_version() {
  next_version
  quietly git -C "$source" push "$TEALHOOK_HOME/apps/$app/blue.git" main
}

# To the forge, from where neither host nor container is pushed to.
publish() {
  next_version
  [[ -d $forge ]] || git init -q --bare "$forge"
  echo "\$ git push forge main   # $version"
  quietly git -C "$source" push "$forge" main
}

next_version() {
  if [[ ! -d $source/.git ]]; then
    git -c init.defaultBranch=main init -q "$source"
    git -C "$source" config user.name "tealhook example"
    git -C "$source" config user.email example@localhost
    git -C "$source" config commit.gpgsign false
  fi
  version=v$(($(git -C "$source" rev-list --all --count) + 1))
  cp "$here"/../blue-green/app/{Dockerfile,.tealhook.yml} "$source"
  [[ -x $source/web ]] || g++ -std=c++20 -O2 -static -s "$here/../blue-green/app/web.cpp" -o "$source/web"
  echo "$version" >"$source/version"
  git -C "$source" add --all
  git -C "$source" commit -q -m "Say $version"
}

# As GitHub does: the signature is of the body, by the secret.
deliver() {
  local commit body signature url
  commit=$(git -C "$source" rev-parse main)
  body="{\"ref\":\"refs/heads/main\",\"before\":\"$(printf '%040d' 0)\",\"after\":\"$commit\",\"repository\":{\"full_name\":\"ada/$app\"},\"pusher\":{\"name\":\"ada\"}}"
  signature=$(perl -MDigest::SHA=hmac_sha256_hex -e 'open my $f, "<", shift or die; print hmac_sha256_hex(shift, <$f>)' \
    "$config/hub.secret" "$body")
  url=http://$(docker port "$image" 8889/tcp)/hook/$app/hub
  echo "\$ curl -d @push.json $url"
  curl -s -S -f -H 'Content-Type: application/json' -H 'X-GitHub-Event: push' -H "X-GitHub-Delivery: $commit" \
    -H "X-Hub-Signature-256: sha256=$signature" --data-binary "$body" "$url"
  docker logs "$image" 2>&1 | tail -n 1
}

url() {
  echo "http://localhost:$("$tealhook" app show "$app" --json | tr -d '\n' | sed -E 's/.*"blue": *\{[^}]*"port": *([0-9]*).*/\1/')/"
}

page() {
  curl -s -f --max-time 5 "$(url)" | sed -n 's:.*<title>\(.*\)</title>.*:\1:p' || true
}

show_page() {
  echo "$(url)   $(page)"
}

# await WHAT COMMAND...: until it succeeds.
await() {
  local deadline=$((SECONDS + 60))
  until "${@:2}" >/dev/null 2>&1; do
    if ((SECONDS > deadline)); then
      echo "error: $1 is not there after a minute" >&2
      cat "$state/serve.log" >&2 || true
      docker logs "$image" >&2 || true
      return 1
    fi
    sleep 0.1
  done
}

await_page() {
  await "$1" page_is "$1"
}

page_is() {
  [[ $(page) == *" $1 "* ]]
}

tell_how_to_go_on() {
  say "go on"
  cat <<END
By hand, without any webhook:
  echo mine >$source/version && git -C $source commit -a -q -m "Try it" && git -C $source push $forge main
  touch $drop/push-$app-main && curl $(url)
or deliver the next version with
  $self
and stop it all with
  $self --down
END
}

down() {
  local pid
  if daemon_runs; then
    read -r pid _ <"$state/serve"
    kill "$pid"
    until ! daemon_runs; do sleep 0.1; done
  fi
  if machine_engine_answers; then
    docker rm --force "$image" >/dev/null 2>&1 || true
    if [[ -d $TEALHOOK_HOME ]]; then remove_home || true; fi
    if [[ ! -f $state/engine/process ]]; then docker rmi --force "$image" "$image-base" >/dev/null 2>&1 || true; fi
  fi
  machine_step "stopping the engine" machine_engine_down "$state"
  rm -rf "$state"
  echo "nothing of the example is left"
}

remove_home() {
  if [[ -d $TEALHOOK_HOME/apps/$app ]]; then
    quietly machine_unless_busy "$tealhook" app remove "$app" --yes
  fi && quietly "$tealhook" registry down
}

quietly() {
  local output
  output=$("$@" 2>&1) || {
    echo "$output" >&2
    return 1
  }
}

say() {
  if [[ -t 1 ]]; then printf '\n\033[1m%s\033[0m\n' "$1"; else printf '\n%s\n' "$1"; fi
}

main "$@"
