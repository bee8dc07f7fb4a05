#!/usr/bin/env bash
# systemd_test.sh TEALHOOK: systemd finds nothing wrong with the units of templates/systemd, as they are and as setup puts
# them in place; the daemon's is as closed as it can be; and the commands that they run are there.
set -euo pipefail

tealhook=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v systemd-analyze >/dev/null || {
  echo "skipped: there is no systemd-analyze here (package systemd)"
  exit 77
}

units=$(mktemp -d)
trap 'rm -rf "$units"' EXIT
mkdir "$units/plain"
cp "$here"/../templates/systemd/* "$here"/../examples/pull-deploy/host/shop.service "$units/plain"
sed -i "s|=tealhook |=$tealhook |" "$units"/plain/*.service
"$tealhook" --home "$units/home" setup --systemd --root "$units/root" >/dev/null

for folder in "$units/plain" "$units/root/etc/systemd/system"; do
  words=$(systemd-analyze verify "$folder"/* 2>&1) || true
  if [[ $words ]]; then
    echo "systemd complains: $words"
    exit 1
  fi
  # Of 100; what is left is what deploying takes: the network, the engine's socket, files of the home.
  systemd-analyze security --offline=true --threshold=40 "$folder/tealhook-serve.service" >"$units/security" || {
    cat "$units/security"
    exit 1
  }
done
sed -n 's/^Exec[A-Za-z]*=//p' "$units"/plain/*.service | while read -r -a command; do
  if [[ ${command[0]} != "$tealhook" ]]; then continue; fi
  # An unknown command is helped with what there is.
  "${command[@]}" --help | grep -q "^Usage: tealhook ${command[1]} " || {
    echo "no such command: ${command[*]}"
    exit 1
  }
done
