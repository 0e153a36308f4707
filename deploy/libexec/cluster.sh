# The cluster on this machine: up, down, status. Sourced.

running() { # name: is its supervisor alive?
  pid=$(cat "$RUN/$1.supervisor" 2>/dev/null) || return 1
  [ -n "$pid" ] && grep -qa supervise "/proc/$pid/cmdline" 2>/dev/null
}

parts() { # names of the parts that run, or ran
  for file in "$RUN"/*.supervisor; do
    [ -e "$file" ] && basename "$file" .supervisor
  done
}

start_part() { # name, then what to run
  name=$1
  shift
  if running "$name"; then return 0; fi
  stop_stray "$name"
  # its own session: a closed terminal ends nothing
  setsid "$LIBEXEC/supervise" "$name" "$RUN" "$LOGS/$name.log" "$@" </dev/null >/dev/null 2>&1 &
  tries=0
  until running "$name" || [ $tries -ge 50 ]; do sleep 0.1; tries=$((tries + 1)); done
}

stop_stray() { # a program whose supervisor was killed, seconds that it has to end
  pid=$(cat "$RUN/$1.pid" 2>/dev/null) || return 0
  if [ -n "$pid" ] && grep -qa io.coxswain.deploy "/proc/$pid/cmdline" 2>/dev/null; then
    kill -TERM "$pid" 2>/dev/null || true
    tries=0
    while kill -0 "$pid" 2>/dev/null && [ $tries -lt $((${2:-10} * 10)) ]; do sleep 0.1; tries=$((tries + 1)); done
    kill -KILL "$pid" 2>/dev/null || true
  fi
  rm -f "$RUN/$1.pid"
}

# Pids, sockets and mount points mean nothing once the machine has been started anew, and on a disk each costs an inode. On most
# machines /run is in memory; where it is not, this folder is.
mount_run() {
  mkdir -p "$RUN"
  case $(stat -f -c %T "$RUN") in tmpfs | ramfs) return 0 ;; esac
  [ -z "$(parts)" ] || return 0 # it runs, from what is on the disk
  mount -t tmpfs -o nosuid,nodev,noexec,mode=755 coxswain-run "$RUN" 2>/dev/null ||
    say "$RUN stays on the disk: no tmpfs can be mounted there"
}

unmount_run() {
  [ "$(findmnt -no SOURCE -M "$RUN" 2>/dev/null)" != coxswain-run ] || umount -l "$RUN"
}

need_root() {
  [ "$(id -u)" = 0 ] || fail "$1 needs root: network namespaces, cgroups and mounts are made. Try: sudo $0 $1"
}

cluster_up() {
  files= nodes= port=
  while [ $# -gt 0 ]; do
    case $1 in
      -f | --filename) [ $# -ge 2 ] || fail "up: -f needs a file"; files="$files
$2"; [ "$2" = - ] || [ -e "$2" ] || fail "up: no such file: $2"; shift 2 ;;
      --nodes) [ $# -ge 2 ] || fail "up: --nodes needs a number"; nodes=$2; shift 2 ;;
      --nodes=*) nodes=${1#*=}; shift ;;
      --port) [ $# -ge 2 ] || fail "up: --port needs a number"; port=$2; shift 2 ;;
      --port=*) port=${1#*=}; shift ;;
      *) fail "up: unknown argument: $1 (coxswain help)" ;;
    esac
  done
  case ${nodes:-1}${port:-1} in *[!0-9]*) fail "up: --nodes and --port take whole numbers" ;; esac
  [ "${nodes:-1}" -ge 1 ] && [ "${nodes:-1}" -le 50 ] || fail "up: --nodes takes 1 to 50, not $nodes"
  need_root up
  # shellcheck disable=SC2086
  install_packages $RUN_PROGRAMS || exit 1
  need_program
  mount_run
  mkdir -p "$DATA" "$LOGS"
  chmod 700 "$DATA"
  before_nodes= before_port=
  if [ -f "$DATA/cluster.env" ]; then
    before_nodes=$(sed -n 's/^nodes=//p' "$DATA/cluster.env")
    before_port=$(sed -n 's/^port=//p' "$DATA/cluster.env")
  fi
  nodes=${nodes:-${before_nodes:-1}}
  port=${port:-${before_port:-6443}}
  if [ -n "$before_nodes" ] && [ "$before_nodes" != "$nodes" ]; then
    if [ "$before_nodes" = 1 ] || [ "$nodes" = 1 ] || [ "$nodes" -lt "$before_nodes" ]; then
      fail "up: this cluster was made with --nodes $before_nodes and can only grow from 2 nodes on. Start over with: $0 down --purge"
    fi
  fi
  if { running all-in-one || running server; } && [ "$before_port" != "$port" ]; then
    fail "up: the cluster already runs on port $before_port. Stop it first: $0 down"
  fi
  printf 'nodes=%s\nport=%s\n' "$nodes" "$port" > "$DATA/cluster.env"

  begin=$(date +%s)
  if [ "$nodes" = 1 ]; then
    running all-in-one || { rm -f "$RUN/state" "$RUN/.seen"; say "starting etcd, control plane, scheduler and node agent"; }
    set_java_flags all-in-one
    # shellcheck disable=SC2086
    start_part all-in-one "$JAVA" $FLAGS -cp "$CLASSPATH_COXSWAIN" io.coxswain.deploy.Coxswain all-in-one \
      --data "$DATA" --run "$RUN" --logs "$LOGS" --name "$NAME" --port "$port" ${COXSWAIN_NODE_OPTIONS:-}
    watched=all-in-one
  else
    lan_up
    running server || { rm -f "$RUN/state" "$RUN/.seen"; say "starting etcd, control plane and scheduler"; }
    set_java_flags server
    # shellcheck disable=SC2086
    start_part server "$JAVA" $FLAGS -cp "$CLASSPATH_COXSWAIN" io.coxswain.deploy.Coxswain server \
      --data "$DATA" --run "$RUN" --logs "$LOGS" --name "$NAME" --port "$port" --advertise "$LAN.1" --with-scheduler
    watched=server
    wait_for_state "api ready" 1 "$watched"
    set_java_flags agent
    i=1
    while [ $i -le "$nodes" ]; do
      lan_join "node-$i"
      running "node-$i" || say "starting node-$i at $(node_address "node-$i")"
      # shellcheck disable=SC2046,SC2086
      start_part "node-$i" nsenter --net="/run/netns/$(node_namespace "node-$i")" "$JAVA" $FLAGS -cp "$CLASSPATH_COXSWAIN" \
        io.coxswain.deploy.Coxswain agent --data "$DATA/nodes/node-$i" --run "$RUN/node-$i" --logs "$LOGS" \
        --name "$NAME-node-$i" --node "node-$i" --address "$(node_address "node-$i")" \
        --server "$LAN.1:$((port + 1))" --token-file "$DATA/pki/join-token" ${COXSWAIN_NODE_OPTIONS:-}
      i=$((i + 1))
    done
  fi
  wait_for_state "node .* Ready" "$nodes" "$watched"
  say "ready in $(($(date +%s) - begin)) s: $nodes node$([ "$nodes" = 1 ] || echo s), https://127.0.0.1:$port"

  echo "$files" | while IFS= read -r file; do
    [ -n "$file" ] || continue
    "$COXSWAIN_HOME/bin/kubectl-lite" --kubeconfig "$KUBECONFIG_FILE" apply -f "$file" || exit 1
  done || fail "up: the cluster runs, but not everything was applied (see above)"

  kubectl_lite=$COXSWAIN_HOME/bin/kubectl-lite
  cat <<END

Next:
  $kubectl_lite get pods -A            what runs
  $kubectl_lite apply -f FILE          run something: see $COXSWAIN_HOME/manifests
  export KUBECONFIG=$KUBECONFIG_FILE   for kubectl, Helm and other tools
  $0 status | down
END
}

# The server keeps RUN/state: one line a fact, replaced when something changes. New lines are the progress that people see.
wait_for_state() { # pattern count part
  seen=/dev/null
  [ ! -f "$RUN/.seen" ] || seen=$RUN/.seen
  waited=0
  while :; do
    # a copy: a part that starts again takes the file away
    if cp "$RUN/state" "$RUN/.now" 2>/dev/null; then
      grep -vxFf "$seen" "$RUN/.now" 2>/dev/null | sed 's/^/coxswain: /' || true
      reached=$(grep -cx -- "$1" "$RUN/.now" || true)
      mv "$RUN/.now" "$RUN/.seen"
      seen=$RUN/.seen
      if [ "$reached" -ge "$2" ]; then return 0; fi
    fi
    running "$3" || part_failed "$3"
    if [ "$(cat "$RUN/$3.ended" 2>/dev/null || echo 0)" -ge 3 ]; then part_failed "$3"; fi
    waited=$((waited + 1))
    if [ $waited -gt 1200 ]; then
      fail "not ready after two minutes. The logs are in $LOGS; what is known: $(tr '\n' ';' < "$RUN/state" 2>/dev/null)"
    fi
    sleep 0.1
  done
}

part_failed() {
  grep -vE '^[[:space:]]+(at |\.\.\. [0-9]+ more)' "$LOGS/$1.log" | tail -n 12 >&2 || true
  fail "$1 does not start; its last lines are above, all of them in $LOGS/$1.log"
}

stop_parts() { # seconds, names
  seconds=$1
  shift
  for part in "$@"; do
    if running "$part"; then
      say "stopping $part"
      stopped=yes
      kill -TERM "$(cat "$RUN/$part.supervisor")" 2>/dev/null || true
    fi
  done
  for part in "$@"; do
    tries=0
    while running "$part" && [ $tries -lt $((seconds * 10)) ]; do sleep 0.1; tries=$((tries + 1)); done
    if running "$part"; then
      say "$part did not end in $seconds s: killed"
      kill -KILL "$(cat "$RUN/$part.supervisor")" 2>/dev/null || true
    fi
    rm -f "$RUN/$part.supervisor"
    stop_stray "$part" "$seconds"
  done
}

cluster_down() {
  purge= now=
  for argument in "$@"; do
    case $argument in
      --purge) purge=yes ;;
      --now) now=yes ;;
      *) fail "down: unknown argument: $argument (--purge and --now are known)" ;;
    esac
  done
  need_root down
  stopped=
  nodes=$(parts | grep -E '^(all-in-one|node-[0-9]+)$' || true)
  seconds=20
  if [ -z "$now" ]; then
    # each agent ends its pods before itself, with their graces but within --shutdown-grace-period
    seconds=120
    for node in $nodes; do
      folder=$RUN
      [ "$node" = all-in-one ] || folder=$RUN/$node
      [ ! -d "$folder" ] || : > "$folder/end-pods"
    done
    [ -z "$nodes" ] || say "pods have up to half a minute to end (down --now gives them none)"
  fi
  # A server of several nodes goes first: it would take one that is through with its pods for lost, and replace them.
  # shellcheck disable=SC2046
  stop_parts 20 $(parts | grep -vxF "${nodes:-none}" || true)
  # shellcheck disable=SC2086
  stop_parts $seconds $nodes
  if [ -f "$RUN/etcd.pid" ]; then
    pid=$(cat "$RUN/etcd.pid")
    if grep -qa etcd "/proc/$pid/cmdline" 2>/dev/null; then kill -TERM "$pid" 2>/dev/null || true; fi
    rm -f "$RUN/etcd.pid"
  fi
  "$LIBEXEC/node-cleanup" "$NAME" "$RUN" "$DATA"
  nodes=$(ip netns list 2>/dev/null | awk '{print $1}' | grep "^$NAME-node-" || true)
  for ns in $nodes; do
    node=${ns#"$NAME-"}
    "$LIBEXEC/node-cleanup" "$NAME-$node" "$RUN/$node" "$DATA/nodes/$node"
  done
  lan_down
  rm -f "$RUN/state" "$RUN/.seen" "$RUN/admin/api.sock"
  unmount_run
  if [ -n "$purge" ]; then
    # only what Coxswain put there, in case the folder is shared
    if [ -e "$DATA/cluster.env" ] || [ -d "$DATA/pki" ] || [ ! -e "$DATA" ]; then
      rm -rf --one-file-system "$DATA" "$RUN" "$LOGS"
      # what vendors' plugins look for; the folder may be a kubelet's, too
      if [ "$NAME" = coxswain ] && ! pgrep -x kubelet >/dev/null; then
        rm -f /var/lib/kubelet/device-plugins/kubelet.sock /var/lib/kubelet/device-plugins/kubelet_internal_checkpoint \
          /var/lib/kubelet/pod-resources/kubelet.sock
      fi
      say "stopped; data, logs and certificates are gone"
    else
      fail "down: $DATA does not look like Coxswain's data: remove it yourself"
    fi
  elif [ -n "$stopped" ]; then
    say "stopped; data stays in $DATA (coxswain up goes on from it, down --purge forgets it)"
  else
    say "nothing was running"
  fi
}

cluster_status() {
  if [ -z "$(parts)" ]; then
    say "not running (start it with: $0 up)"
    return 3
  fi
  printf '%-12s %-9s %-8s %-9s %s\n' PART STATE PID MEMORY LOG
  dead=
  for part in $(parts) etcd; do
    pid=$(cat "$RUN/$part.pid" 2>/dev/null || true)
    if [ -n "$pid" ] && [ -d "/proc/$pid" ]; then
      memory=$(awk '/^VmRSS/ {printf "%d MB", $2 / 1024}' "/proc/$pid/status")
      state=running
    else
      memory=- state=stopped pid=- dead=yes
      ! running "$part" || state=restarting
    fi
    printf '%-12s %-9s %-8s %-9s %s\n' "$part" $state "$pid" "$memory" "$LOGS/$part.log"
  done
  echo
  [ ! -f "$RUN/state" ] || cat "$RUN/state"
  printf '\nkubeconfig: %s\ndata:       %s\n' "$KUBECONFIG_FILE" "$DATA"
  [ -z "$dead" ] || return 1
}
