# A push over ssh by a key of ours beside one by a plain account, to the same user of one sshd. It is of a branch that is
# not deployed: what differs is who comes in. Sourced by run.sh.
# shellcheck shell=bash disable=SC2154 # what run.sh sets

bench_keys() {
  if ((EUID != 0)); then
    echo "keys: only root can make users" >&2
    return
  fi
  local number kind remote
  local -x TEALHOOK_HOME=$work/home-keys GIT_SSH_COMMAND
  keys_user=teal$$k
  chmod 755 "$work"
  mkdir "$work/prefix" "$work/ssh"
  cp -r "$build/bin" "$build/libexec" "$work/prefix/"
  "$work/prefix/bin/tealhook" setup --user "$keys_user" --engine "$MACHINE_ENGINE" --registry "$registry" --router none >>"$log"
  "$work/prefix/bin/tealhook" app create "$id-keys" >>"$log"
  start_sshd
  make_source keys tealhook live
  for ((number = 0; number <= runs * 4; ++number)); do
    progress "keys: push $number of $((runs * 4))"
    for kind in plain key; do
      remote=$keys_user@127.0.0.1:$id-keys/blue
      if [[ $kind == plain ]]; then remote=$keys_user@127.0.0.1:$TEALHOOK_HOME/apps/$id-keys/blue.git; fi
      commit_version "$work/keys-tealhook/source" "$kind-$number"
      GIT_SSH_COMMAND="ssh -F none -p $sshd_port -i $work/ssh/$kind -o IdentitiesOnly=yes -o BatchMode=yes \
        -o UserKnownHostsFile=$work/ssh/known_hosts"
      if ((number)); then
        time_command keys "$kind" git -C "$work/keys-tealhook/source" push "$remote" "main:other-$kind"
      else
        git -C "$work/keys-tealhook/source" push -q "$remote" "main:other-$kind" >>"$log" 2>&1
      fi
    done
  done
  clean_up_keys >>"$log" 2>&1
}

start_sshd() {
  local kind
  for kind in host plain key; do ssh-keygen -q -t ed25519 -N "" -f "$work/ssh/$kind"; done
  "$work/prefix/bin/tealhook" key add bench --app "$id-keys" --can push <"$work/ssh/key.pub" >>"$log"
  cat "$work/ssh/plain.pub" >>"$TEALHOOK_HOME/.ssh/authorized_keys"
  sshd_port=$(machine_free_port 5222)
  echo "[127.0.0.1]:$sshd_port $(<"$work/ssh/host.pub")" >"$work/ssh/known_hosts"
  printf '%s\n' "Port $sshd_port" "ListenAddress 127.0.0.1" "HostKey $work/ssh/host" "PidFile none" "UsePAM no" \
    "PasswordAuthentication no" >"$work/ssh/config"
  mkdir -p /run/sshd
  /usr/sbin/sshd -D -f "$work/ssh/config" >>"$log" 2>&1 &
  sshd_pid=$!
  until (: <>"/dev/tcp/127.0.0.1/$sshd_port") 2>/dev/null; do sleep 0.05; done
}

clean_up_keys() {
  if [[ ${sshd_pid-} ]]; then kill "$sshd_pid" && wait "$sshd_pid"; fi
  sshd_pid=
  if [[ -d $work/home-keys ]]; then "$tealhook" --home "$work/home-keys" app remove "$id-keys" --yes; fi
  if [[ ${keys_user-} ]]; then userdel --force "$keys_user"; fi
  keys_user=
  rm -rf "$work/home-keys"
}

print_keys_table() {
  if ! grep -q '^keys ' "$results"; then return; fi
  local plain key
  plain=$(measured keys plain took | median)
  key=$(measured keys key took | median)
  printf '\n%-34s%12s%12s%12s%21s\n' "push over ssh, not deployed" "plain" "by a key" "more" "limit"
  printf '%-34s%12s%12s%12s%21s\n' "  until git push returns" "$(seconds "$plain")" "$(seconds "$key")" \
    "$((key - plain)) ms" "20 ms"
}
