#!/bin/sh
# make_registry_image.sh TAG: an image like Docker's registry:2, of this host's docker-registry and its libraries, for
# machines that pull nothing.
set -eu

tag=$1
program=$(command -v docker-registry)
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT

install -D "$program" "$context/root/usr/bin/docker-registry"
for library in $(ldd "$program" | grep -o '/[^ ]*' || true); do
  install -D "$library" "$context/root$library"
done

mkdir -p "$context/root/etc/docker/registry" "$context/root/var/lib/registry"
cat >"$context/root/etc/docker/registry/config.yml" <<'CONFIG'
version: 0.1
storage:
  filesystem: {rootdirectory: /var/lib/registry}
http:
  addr: :5000
CONFIG

cat >"$context/Dockerfile" <<'DOCKERFILE'
FROM scratch
COPY root /
VOLUME ["/var/lib/registry"]
EXPOSE 5000
ENTRYPOINT ["/usr/bin/docker-registry"]
CMD ["serve", "/etc/docker/registry/config.yml"]
DOCKERFILE

docker build --quiet --tag "$tag" "$context"
