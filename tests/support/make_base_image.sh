#!/usr/bin/env bash
# make_base_image.sh TAG PACKAGE...: an image of this Debian with these packages and all that they depend on, as they are
# installed here, for machines that pull nothing.
set -euo pipefail

tag=$1
shift

# What no package depends on, for it is there anyway.
essential=(base-files base-passwd bash coreutils dash grep sed libc-bin)

# It is no fault that some of their names are of no package of their own.
# shellcheck disable=SC2016  # the format is for dpkg-query
packages() {
  apt-cache depends --recurse --installed --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
    --no-enhances "${essential[@]}" "$@" | grep '^[a-z0-9]' | sort -u |
    { xargs dpkg-query --show --showformat='${db:Status-Status} ${binary:Package}\n' 2>/dev/null || true; } | sed -n 's/^installed //p'
}

# Nothing is written through the links that /bin and its like are.
files() {
  packages "$@" | xargs dpkg-query --listfiles | grep '^/' |
    grep -v -E '^/(\.|bin|sbin|lib|lib32|lib64|libx32)?$|^/usr/share/(doc|man|locale|info|lintian)/' |
    sed -E 's:^/(bin|sbin|lib|lib32|lib64|libx32)/:/usr/\1/:' | sort -u |
    while read -r file; do if [[ -e $file || -L $file ]]; then echo "${file#/}"; fi; done
}

missing=$(dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' "$@" 2>&1 | grep -v '^installed ' || true)
if [[ $missing ]]; then
  echo "error: not installed: $missing" >&2
  exit 1
fi
{
  for link in /bin /sbin /lib /lib64; do if [[ -L $link ]]; then echo "${link#/}"; fi; done
  files "$@"
} | tar --create --directory / --no-recursion --files-from - | docker import --message "$*" - "$tag"
