#!/usr/bin/env bash
# systemd_test.sh TEALHOOK: systemd finds nothing wrong with the units of templates/systemd, and the commands that they
# run are there.
set -euo pipefail

tealhook=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command -v systemd-analyze >/dev/null || {
  echo "skipped: there is no systemd-analyze here (package systemd)"
  exit 77
}

units=$(mktemp -d)
trap 'rm -rf "$units"' EXIT
cp "$here"/../templates/systemd/* "$units"
sed -i "s|=tealhook |=$tealhook |" "$units"/*.service

words=$(systemd-analyze verify "$units"/*.service "$units"/*.timer 2>&1) || true
if [[ $words ]]; then
  echo "systemd complains: $words"
  exit 1
fi
sed -n 's/^Exec[A-Za-z]*=//p' "$units"/*.service | while read -r -a command; do
  "${command[@]}" --help >/dev/null || {
    echo "no such command: ${command[*]}"
    exit 1
  }
done
