#!/usr/bin/env bash
# templates_test.sh TEALHOOK: what is in templates is taken by the tools that read it: logrotate, visudo, ssh, cron's
# commands, docker-compose.
set -euo pipefail

tealhook=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
templates=$here/../templates
PATH=$PATH:/usr/sbin:/sbin
for tool in visudo logrotate ssh docker-compose; do
  command -v "$tool" >/dev/null || {
    echo "skipped: there is no $tool here"
    exit 77
  }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  printf '%s\n' "$@"
  exit 1
}

# expect TEXT PATTERN: one of its lines is like that.
expect() {
  grep -q -E "$2" <<<"$1" || fail "expected '$2' in:" "$1"
}

install -m 0440 "$templates/sudoers/tealhook" "$work/sudoers"
if ((EUID == 0)); then visudo --check --strict --file="$work/sudoers"; fi

options=$(ssh -G -F "$templates/ssh/config" shop-source)
expect "$options" '^hostname git.example.com$'
expect "$options" '^stricthostkeychecking (true|yes)$'
expect "$options" '^identityfile /srv/tealhook/.ssh/shop_deploy_key$'
expect "$options" '^batchmode yes$'

# As setup puts it in place, and once for good: what is kept open goes on in the same file.
"$tealhook" --home "$work/home" setup --logrotate --root "$work/root" >/dev/null
logrotate --debug --state "$work/state" "$templates/logrotate/tealhook" 2>"$work/words" || fail "$(<"$work/words")"
if grep -q '^error' "$work/words"; then fail "$(<"$work/words")"; fi
chmod 755 "$work"
mkdir -p "$work"/home/{apps/shop/logs,registry,router}
echo "a line" >"$work/home/apps/shop/logs/runner.log"
exec 3>>"$work/home/apps/shop/logs/runner.log"
logrotate --force --state "$work/state" "$work/root/etc/logrotate.d/tealhook"
echo "another" >&3
[[ $(<"$work/home/apps/shop/logs/runner.log.1") == "a line" ]] || fail "nothing was rotated"
[[ $(<"$work/home/apps/shop/logs/runner.log") == "another" ]] || fail "what is kept open was lost"

# cron's own format: five times, a user, a command of ours.
while read -r _ _ _ _ _ user command arguments; do
  [[ $user == tealhook && $command == tealhook ]] || fail "cron: $user $command"
  # shellcheck disable=SC2086  # they are words
  "$tealhook" $arguments --help | grep -q "^Usage: tealhook ${arguments%% *} " || fail "no such command: $arguments"
done < <(grep -v -E '^(#|[A-Z_]+=)' "$templates/cron/tealhook")

for file in compose.yaml stack.yaml; do
  config=$(TEALHOOK_UID=1234 docker-compose --file "$templates/receiver/$file" config 2>"$work/words") ||
    fail "$(<"$work/words")"
  expect "$config" "user: ['\"]?1234"
  expect "$config" 'read_only: true'
  expect "$config" '/srv/tealhook/drop:/drop'
done
