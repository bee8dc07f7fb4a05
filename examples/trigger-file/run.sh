#!/usr/bin/env bash
# A receiver in a container, which may do nothing but write into one folder, gets a signed webhook; the host, which nobody
# may reach, sees the file that comes of it and deploys.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=../example.sh
source "$(dirname "${BASH_SOURCE[0]}")/../example.sh"
example_in tealhook-trigger-file shop
forge=$state/forge.git # stands for the one on the internet
drop=$state/drop
config=$state/receiver
image=tealhook-receive-$app
receiver_uid=65532

usage() {
  cat <<END
usage: run.sh [--down]

Installs what is missing, builds tealhook and the receiver's image, starts a container engine if none answers, serves a
home with one app, and delivers a webhook to the receiver. Run it again to deliver the next version.

  --down   stop and remove all that it started and made

All of it lies in one folder, $state (\$TEALHOOK_EXAMPLE names another).
END
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
  daemon_runs || start_daemon
  say "before"
  if [[ -z $(page) ]]; then push_first_version; fi
  show_page
  say "a webhook"
  publish
  deliver
  say "after"
  await "$version" page_is "$version"
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

push_first_version() {
  commit_next_version
  quietly git -C "$source" push "$TEALHOOK_HOME/apps/$app/blue.git" main
}

# To the forge, from where neither host nor container is pushed to.
publish() {
  commit_next_version
  [[ -d $forge ]] || git init -q --bare "$forge"
  echo "\$ git push forge main   # $version"
  quietly git -C "$source" push "$forge" main
}

commit_next_version() {
  next_version
  put_program
  echo "$version" >"$source/version"
  commit "$version"
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

url() { echo "http://localhost:$(show blue port)/"; }

page() { title_of "$(url)" || true; }

show_page() { echo "$(url)   $(page)"; }

tell_why() {
  cat "$state/serve.log"
  docker logs "$image"
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
  $here/run.sh
and stop it all with
  $here/run.sh --down
END
}

down() {
  end_daemon
  if machine_engine_answers; then
    docker rm --force "$image" >/dev/null 2>&1 || true
    remove_home registry
    engine_is_ours || docker rmi --force "$image" "$image-base" >/dev/null 2>&1 || true
  fi
  leave_nothing "$state"/{drop,receiver,forge.git}
}

run_example "$@"
