#!/bin/sh
# As shell-hook.sh, but the deployment is left to docker-compose.
set -e
cat >/dev/null
git --work-tree="$WORK_TREE" checkout -f main
cat >"$WORK_TREE/../docker-compose.yml" <<END
version: "3"
services:
  web:
    container_name: $NAME
    build: $WORK_TREE
    restart: always
    ports: ["$PORT:8080"]
END
docker-compose -p "$NAME" -f "$WORK_TREE/../docker-compose.yml" up -d --build
