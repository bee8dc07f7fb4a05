#!/usr/bin/env bash
# trixie.sh [FOLDER]: builds all of tealhook with Debian 13's packages and runs its unit tests, in a chroot made by
# debootstrap. A later run finds in FOLDER what was made there; without it, all is temporary. Needs root and the network,
# and loads some 200 MB of packages, so tests/run.sh leaves it out.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=support/machine.sh
source "$here/support/machine.sh"

MACHINE_PACKAGES[chroot]="debootstrap:debootstrap"

main() {
  if (($# > 1)) || [[ ${1-} == -* ]]; then
    echo "usage: tests/trixie.sh [FOLDER]" >&2
    exit 2
  fi
  folder=${1:-$(mktemp -d /var/tmp/teal-trixie.XXXXXX)}
  keep=${1:+yes}
  system=$(realpath -m "$folder")/system
  machine_at_end stop

  machine_packages chroot
  [[ -f $system.made ]] || make_system
  mount_source
  inside bash -c 'source /tealhook/tests/support/machine.sh && machine_packages build unit'
  machine_step "building release" build
  inside ctest --test-dir /build --label-regex unit --parallel "$(nproc)" --output-on-failure
}

make_system() {
  mkdir -p "$system"
  machine_step "making a Debian 13" debootstrap --variant=minbase trixie "$system"
  cp /etc/hosts "$system/etc/"
  touch "$system.made"
}

mount_source() {
  machine_unmount_below "$system" # a run that was killed may have left them
  mkdir -p "$system/tealhook"
  mount -t proc proc "$system/proc"
  mount -t devpts -o newinstance,ptmxmode=666 devpts "$system/dev/pts"
  mount --bind "$MACHINE_ROOT" "$system/tealhook"
  mount -o remount,bind,ro "$system/tealhook"
}

build() {
  inside cmake -S /tealhook --preset release -B /build && inside cmake --build /build
}

inside() {
  chroot "$system" env --ignore-environment HOME=/root PATH=/usr/sbin:/usr/bin "$@"
}

stop() {
  machine_unmount_below "$system"
  [[ $keep ]] || rm -rf --one-file-system "$folder"
}

main "$@"
