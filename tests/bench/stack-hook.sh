#!/bin/sh
# As compose-hook.sh, of a project that is in the repository.
set -e
cat >/dev/null
git --work-tree="$WORK_TREE" checkout -f main
cd "$WORK_TREE"
TEALHOOK_PORT=$PORT docker-compose -p "$NAME" up -d --build
