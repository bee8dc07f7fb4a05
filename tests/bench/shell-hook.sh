#!/bin/sh
# The plain shell post-receive hook that tealhook is measured against: NAME on PORT, checked out to WORK_TREE, kept in
# REGISTRY, all from the environment.
set -e
cat >/dev/null
image=$REGISTRY/$NAME:latest

git --work-tree="$WORK_TREE" checkout -f main
docker stop "$NAME" || true
docker rm "$NAME" || true
docker rmi "$image" "$NAME" || true
docker build -t "$NAME" "$WORK_TREE"
docker tag "$NAME" "$image"
docker push "$image"
docker pull "$image"
docker run -d --name "$NAME" --restart=always -p "$PORT:8080" "$image"
