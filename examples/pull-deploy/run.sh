#!/usr/bin/env bash
# From an empty machine to a Python web service behind nginx that follows its repository: polled with a key that may only
# read, by a user who may restart that one service and do nothing else as root.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=../example.sh
source "$(dirname "${BASH_SOURCE[0]}")/../example.sh"
example_in tealhook-pull-deploy shop
user=${TEALHOOK_EXAMPLE_USER:-pulldeploy} # tealhook's; NAME-web runs the service, NAME-git has the repository
repository=$state/git/$app.git
service=$state/service/$app
log=$state/log
sudoers=/etc/sudoers.d/$user
tealhook=$state/prefix/bin/tealhook
PATH=$PATH:/usr/sbin:/sbin

usage() {
  cat <<END
usage: run.sh [--down]

As root: installs what is missing, builds tealhook, makes three users without a password, a git server on loopback, a
service with nginx before it, and lets tealhook follow the repository while versions are pushed there.
Run it again to push three more. What it started, it ends when it is done; files and users stay until --down.

  --down   remove all that it made

All of it lies in one folder, $state (\$TEALHOOK_EXAMPLE names another), but for $sudoers.
END
}

up() {
  if ((EUID != 0)); then
    echo "error: only root can make users and services" >&2
    exit 1
  fi
  machine_packages build service
  machine_build release hooks/all tools/all
  choose_ports
  mkdir -p "$state"/{git,nginx,service,log,ssh} "$source"
  machine_step "installing tealhook" cmake --install "$MACHINE_ROOT/build/release" --prefix "$state/prefix"
  machine_at_end stop
  make_git_server
  make_home
  make_service
  make_nginx
  let_restart_the_service

  say "tealhook follows the repository, as '$user'"
  push_version
  "$tealhook" serve >"$log/serve.log" 2>&1 &
  daemon=$!
  await "the first version" page_has "$version"
  show_page

  say "a commit"
  push_version
  await "the next version" page_has "$version"
  show_page

  say "one that does not start"
  push_version "a fault"
  await "its failure" has_failed
  show_page

  say "what '$user' may do as root, and what its key may do"
  runuser -u "$user" -- sudo -n -l | sed -n 's/^ *(root) /  /p'
  runuser -u "$user" -- sudo -n /usr/bin/sv down "$service" 2>&1 | sed 's/^/  sv down: /' || true
  if with_key reader git -C "$source" push -q "$url" main:other 2>/dev/null; then
    echo "error: the deploy key could push" >&2
    exit 1
  fi
  echo "  git push by the deploy key: refused"

  say "logs, rotated"
  logrotate --force --state "$state/logrotate.state" "$state/logrotate.conf"
  page_has "$(page_version)"
  (cd "$log" && wc -l shop.log* nginx-access.log* | sed '$d')

  say "tealhook history"
  "$tealhook" history "$app"
  say "go on"
  echo "push three more versions with $here/run.sh, and remove it all with $here/run.sh --down"
}

# The same ones whenever it is run again: they are in settings by then.
choose_ports() {
  mkdir -p "$state"
  if [[ ! -f $state/ports ]]; then
    echo "$(machine_free_port 2200) $(machine_free_port 8000) $(machine_free_port 8080) $(machine_free_port 8888)" >"$state/ports"
  fi
  read -r ssh_port service_port page_port daemon_port <"$state/ports"
}

# make_user NAME ARGUMENTS...: without a password; '*' and not '!', which would keep keys out as well.
make_user() {
  if id "$1" >/dev/null 2>&1; then return; fi
  useradd --system --user-group --no-create-home --password '*' "${@:2}" "$1"
  echo "$1" >>"$state/users"
}

# A repository that two keys get at: the developer's, and one that may read it and nothing else.
make_git_server() {
  local key
  make_user "$user-git" --shell "$(command -v git-shell)" --home-dir "$state/git"
  if [[ ! -d $repository ]]; then
    git -c init.defaultBranch=main init -q --bare "$repository"
    chown -R "$user-git:" "$state/git"
  fi
  for key in host developer reader; do
    [[ -f $state/ssh/$key ]] || ssh-keygen -q -t ed25519 -N '' -C "$key" -f "$state/ssh/$key"
  done
  cat >"$state/ssh/authorized_keys" <<END
restrict $(<"$state/ssh/developer.pub")
command="git-upload-pack '$repository'",restrict $(<"$state/ssh/reader.pub")
END
  chmod 644 "$state/ssh/authorized_keys"
  cat >"$state/ssh/sshd_config" <<END
Port $ssh_port
ListenAddress 127.0.0.1
HostKey $state/ssh/host
AuthorizedKeysFile $state/ssh/authorized_keys
AllowUsers $user-git
PasswordAuthentication no
UsePAM no
PidFile none
StrictModes no
END
  echo "[127.0.0.1]:$ssh_port $(<"$state/ssh/host.pub")" >"$state/ssh/known_hosts"
  url=ssh://$user-git@127.0.0.1:$ssh_port$repository
  mkdir -p /run/sshd
  "$(command -v sshd)" -D -e -f "$state/ssh/sshd_config" >"$log/sshd.log" 2>&1 &
  processes+=($!)
  await "sshd" answers "$ssh_port"
}

# There is no engine: what tealhook runs here is a command.
make_home() {
  if [[ ! -f $TEALHOOK_HOME/tealhook.yml ]]; then
    quietly "$tealhook" setup --user "$user" --engine "unix://$state/no-engine" --router none
    echo "$user" >>"$state/users"
    sed -i "s|#listen: 127.0.0.1:8888|listen: 127.0.0.1:$daemon_port|" "$TEALHOOK_HOME/tealhook.yml"
  fi
  local folder=$TEALHOOK_HOME/apps/$app
  if [[ ! -d $folder ]]; then
    quietly "$tealhook" app create "$app"
    install -m 0600 -o "$user" -g "$user" "$state/ssh/reader" "$folder/deploy_key"
    install -m 0600 -o "$user" -g "$user" "$state/ssh/known_hosts" "$folder/known_hosts"
    cat >>"$folder/app.yml" <<END
rules: [{branch: main, deploy: site}]
sources:
  - {name: mirror, kind: poll, url: $url, branch: main, interval: 1s, key: deploy_key, known_hosts: known_hosts}
targets:
  site: {kind: command, run: [sudo, -n, /usr/bin/sv, restart, $service], switch: before, deadline: 1m,
         health: {url: "http://127.0.0.1:$service_port/", deadline: 5s, settle: 500ms}}
END
  fi
}

make_service() {
  make_user "$user-web" --shell /usr/sbin/nologin --home-dir /nonexistent
  mkdir -p "$service"
  fill_in "$here/host/run" >"$service/run"
  chmod +x "$service/run"
  touch "$service/down" # there may be nothing yet that could run: the first deployment starts it
  runsv "$service" >"$log/runsv.log" 2>&1 &
  supervisor=$!
  await "runit" sv status "$service"
  if [[ -e $TEALHOOK_HOME/apps/$app/targets/site/current ]]; then quietly sv start "$service"; fi
}

make_nginx() {
  fill_in "$here/host/nginx.conf" >"$state/nginx/nginx.conf"
  fill_in "$here/host/logrotate" >"$state/logrotate.conf"
  chmod 644 "$state/logrotate.conf"
  nginx -p "$state/nginx" -e "$log/nginx-error.log" -c "$state/nginx/nginx.conf" -g 'daemon off;' &
  processes+=($!)
  await "nginx" answers "$page_port"
}

# What a file of host/ is on this machine.
fill_in() {
  sed -e "s|@LOG@|$log|g; s|@FOLDER@|$state/nginx|g; s|@PORT@|$service_port|g; s|@LISTEN@|$page_port|g" \
    -e "s|@USER@|$user-web|g; s|@CURRENT@|$TEALHOOK_HOME/apps/$app/targets/site/current|g" "$1"
}

let_restart_the_service() {
  local alias=${user^^}
  sed -e "s|TEALHOOK_RESTART|${alias//-/_}_RESTART|g; s|^tealhook |$user |" \
    -e "s|/usr/bin/systemctl restart shop.service|/usr/bin/sv restart $service|" \
    "$MACHINE_ROOT/templates/sudoers/tealhook" >"$state/sudoers"
  quietly visudo --check --strict --file="$state/sudoers"
  install -m 0440 "$state/sudoers" "$sudoers"
}

# push_version [FAULT]: by the developer's key.
push_version() {
  next_version
  cp "$here/app/shop.py" "$source"
  if [[ ${1-} ]]; then sed -i '1i raise SystemExit("a fault")' "$source/shop.py"; fi
  echo "$version" >"$source/version"
  commit "$version"
  echo "\$ git push origin main"
  with_key developer git -C "$source" push "$url" main 2>&1 | sed -n 's/^  */  /p'
}

# with_key NAME COMMAND...
with_key() {
  GIT_SSH_COMMAND="ssh -F none -i $state/ssh/$1 -o IdentitiesOnly=yes -o UserKnownHostsFile=$state/ssh/known_hosts -o BatchMode=yes" \
    "${@:2}"
}

page_version() { title_of "http://127.0.0.1:$page_port/" | sed -n 's/^shop //p'; }
answers() { (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
page_has() { [[ $(page_version) == "$1" ]]; }
show_page() { show_title "http://127.0.0.1:$page_port/"; }
has_failed() { "$tealhook" history "$app" | grep "$(git -C "$source" rev-parse --short=7 main)" | grep -q failed; }
tell_why() { tail -n 20 "$log"/*.log; }

processes=()

# A deployment that is under way is left to end first: it may be about to restart the service.
stop() {
  if [[ ${daemon-} ]]; then kill "$daemon" 2>/dev/null && wait "$daemon" || true; fi
  if [[ ${supervisor-} ]]; then
    sv force-shutdown "$service" >/dev/null 2>&1 || true
    wait "$supervisor" || true
  fi
  local process
  for process in ${processes[@]+"${processes[@]}"}; do kill "$process" 2>/dev/null && wait "$process" || true; done
}

down() {
  local name
  rm -f "$sudoers"
  if [[ -f $state/users ]]; then
    while read -r name; do userdel "$name" || true; done <"$state/users"
  fi
  rm -rf "$state"
  echo "nothing of the example is left"
}

run_example "$@"
