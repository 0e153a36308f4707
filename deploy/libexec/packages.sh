# Installs missing Debian packages without letting them start services of their own. Sourced.

# what a node and a server need: program -> package
RUN_PROGRAMS="etcd:etcd-server crun:crun runc:runc conmon:conmon catatonit:catatonit nft:nftables ip:iproute2 mount:mount"
# what the tests need besides
TEST_PROGRAMS="docker-registry:docker-registry busybox:busybox-static curl:curl git:git python3:python3-minimal script:bsdutils zsh:zsh fish:fish mkfs.btrfs:btrfs-progs setpriv:util-linux"

missing_packages() {
  for pair in "$@"; do
    program=${pair%%:*}
    PATH="$PATH:/usr/sbin:/sbin" command -v "$program" >/dev/null 2>&1 || printf '%s ' "${pair#*:}"
  done
}

install_packages() { # program:package ...
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" != 0 ]; then
    echo "coxswain: these packages are missing: $missing
Run as root (sudo), or install them yourself:  apt-get install $missing" >&2
    return 1
  fi
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "coxswain: these programs are missing and this is no Debian: install what your system calls: $missing" >&2
    return 1
  fi
  say "installing $missing"
  guard=
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    # etcd-server and docker-registry would start daemons on well-known ports; Coxswain runs its own
    printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
    guard=yes
  fi
  log=$(mktemp)
  # shellcheck disable=SC2086
  if DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >"$log" 2>&1 </dev/null ||
    { apt-get update >>"$log" 2>&1 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >>"$log" 2>&1 </dev/null; }; then
    status=0
  else
    status=1
    tail -n 15 "$log" >&2
    echo "coxswain: apt-get could not install: $missing (see above)" >&2
  fi
  [ -z "$guard" ] || rm -f /usr/sbin/policy-rc.d
  rm -f "$log"
  case " $missing" in *" etcd-server "*)
    if command -v systemctl >/dev/null 2>&1; then systemctl disable etcd >/dev/null 2>&1 || true; fi ;;
  esac
  return $status
}
