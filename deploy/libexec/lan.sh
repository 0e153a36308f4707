# Several nodes on one machine: each in a network namespace of its own, joined by a bridge. Sourced.

LAN=${COXSWAIN_LAN:-10.90.0} # the first three numbers of the /24 that joins them

if [ "${COXSWAIN_NAME:-coxswain}" = coxswain ]; then
  LAN_SHORT=cxs
else # interface names have 15 characters
  LAN_SHORT=c$(printf '%s' "$COXSWAIN_NAME" | cksum | cut -c1-5)
fi
LAN_BRIDGE=${LAN_SHORT}lan

node_namespace() { echo "$NAME-$1"; }
node_address() { echo "$LAN.$((10 + ${1#node-}))"; }

lan_up() {
  if ! ip link show "$LAN_BRIDGE" >/dev/null 2>&1; then
    ip link add "$LAN_BRIDGE" type bridge
    ip addr add "$LAN.1/24" dev "$LAN_BRIDGE"
    ip link set "$LAN_BRIDGE" up
  fi
  # nodes reach what this machine reaches
  sysctl -q -w net.ipv4.ip_forward=1 || say "warning: could not turn on forwarding: pods will not reach beyond this machine"
  nft -f - <<END || say "warning: no address translation: pods will not reach beyond this machine"
table ip $LAN_BRIDGE
delete table ip $LAN_BRIDGE
table ip $LAN_BRIDGE {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    ip saddr $LAN.0/24 oifname != "$LAN_BRIDGE" masquerade
  }
}
END
  # Docker's firewall, and ufw, drop what they do not know, which is what nodes send to each other as well
  lan_close_firewall
  if nft list chain ip filter FORWARD 2>/dev/null | grep -q "policy drop"; then
    nft add rule ip filter FORWARD iifname "$LAN_BRIDGE" counter accept comment "$LAN_BRIDGE"
    nft add rule ip filter FORWARD oifname "$LAN_BRIDGE" counter accept comment "$LAN_BRIDGE"
  fi
}

lan_close_firewall() {
  nft -a list chain ip filter FORWARD 2>/dev/null | sed -n "s/.* comment \"$LAN_BRIDGE\" # handle \([0-9]*\)\$/\1/p" | while read -r rule; do
    nft delete rule ip filter FORWARD handle "$rule" 2>/dev/null || true
  done
}

lan_join() { # node
  ns=$(node_namespace "$1")
  veth=$LAN_SHORT-n${1#node-}
  ip netns list | grep -q "^$ns\b" || ip netns add "$ns"
  if ! ip link show "$veth" >/dev/null 2>&1; then
    ip link add "$veth" type veth peer name eth0 netns "$ns"
    ip link set "$veth" master "$LAN_BRIDGE" up
  fi
  ip -n "$ns" link set lo up
  ip -n "$ns" addr replace "$(node_address "$1")/24" dev eth0
  ip -n "$ns" link set eth0 up
  ip -n "$ns" route replace default via "$LAN.1"
}

lan_down() {
  for ns in $(ip netns list | awk '{print $1}' | grep "^$NAME-node-" || true); do
    ip netns del "$ns"
  done
  ip link del "$LAN_BRIDGE" 2>/dev/null || true
  nft delete table ip "$LAN_BRIDGE" 2>/dev/null || true
  lan_close_firewall
}
