package io.coxswain.node.service;

import io.coxswain.node.netlink.NetlinkException;
import io.coxswain.node.netlink.NetlinkMessage;
import io.coxswain.node.netlink.NetlinkReply;
import io.coxswain.node.netlink.NetlinkSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// [Conntrack] by netlink; the numbers are those of linux/netfilter/nfnetlink_conntrack.h.
public final class NetlinkConntrack implements Conntrack {

  private static final int GET = 0x101;
  private static final int DELETE = 0x102;
  private static final int AF_INET = 2;
  private static final int UDP = 17;
  private static final int GENERIC_HEADER = 4;
  private static final int ORIGINAL = 1;
  private static final int REPLY = 2;

  private final NetlinkSocket socket;

  private NetlinkConntrack(NetlinkSocket socket) {
    this.socket = socket;
  }

  /// Of the calling thread's network namespace.
  public static NetlinkConntrack open() throws IOException {
    return new NetlinkConntrack(NetlinkSocket.open(NetlinkSocket.NETFILTER));
  }

  @Override
  public List<Flow> udpFlows() throws IOException {
    List<Flow> flows = new ArrayList<>();
    NetlinkMessage request =
        new NetlinkMessage("list tracked flows", GET, NetlinkMessage.DUMP).u8(AF_INET, 0, 0, 0);
    for (NetlinkReply reply : socket.request(request)) {
      Map<Integer, ByteBuffer> attributes = reply.attributes(GENERIC_HEADER);
      Optional<Tuple> original = tuple(attributes.get(ORIGINAL));
      Optional<Tuple> answer = tuple(attributes.get(REPLY));
      if (original.isPresent() && answer.isPresent() && original.get().protocol() == UDP) {
        Tuple asked = original.get();
        flows.add(
            new Flow(
                asked.source(),
                asked.sourcePort(),
                asked.destination(),
                asked.destinationPort(),
                answer.get().source(),
                answer.get().sourcePort()));
      }
    }
    return flows;
  }

  @Override
  public void forget(Flow flow) throws IOException {
    NetlinkMessage request =
        new NetlinkMessage("forget a tracked flow", DELETE, 0)
            .u8(AF_INET, 0, 0, 0)
            .nested(
                ORIGINAL,
                tuple ->
                    tuple
                        .nested(1, ip -> ip.attribute(1, flow.caller()).attribute(2, flow.called()))
                        .nested(
                            2,
                            protocol ->
                                protocol
                                    .attributeU8(1, UDP)
                                    .attributeNetworkU16(2, flow.callerPort())
                                    .attributeNetworkU16(3, flow.calledPort())));
    try {
      socket.request(request);
    } catch (NetlinkException e) {
      if (e.errno() != NetlinkException.ENOENT) {
        throw e;
      }
    }
  }

  private record Tuple(
      int protocol,
      InetAddress source,
      int sourcePort,
      InetAddress destination,
      int destinationPort) {}

  private static Optional<Tuple> tuple(@Nullable ByteBuffer bytes) throws IOException {
    if (bytes == null) {
      return Optional.empty();
    }
    Map<Integer, ByteBuffer> parts = NetlinkReply.parse(bytes);
    ByteBuffer addresses = parts.get(1);
    ByteBuffer transport = parts.get(2);
    if (addresses == null || transport == null) {
      return Optional.empty();
    }
    Map<Integer, ByteBuffer> ip = NetlinkReply.parse(addresses);
    Map<Integer, ByteBuffer> ports = NetlinkReply.parse(transport);
    ByteBuffer source = ip.get(1);
    ByteBuffer destination = ip.get(2);
    ByteBuffer protocol = ports.get(1);
    if (source == null || destination == null || protocol == null) {
      return Optional.empty();
    }
    return Optional.of(
        new Tuple(
            protocol.get(0) & 0xff,
            InetAddress.getByAddress(NetlinkReply.bytes(source)),
            port(ports, 2),
            InetAddress.getByAddress(NetlinkReply.bytes(destination)),
            port(ports, 3)));
  }

  private static int port(Map<Integer, ByteBuffer> ports, int kind) {
    ByteBuffer value = ports.get(kind);
    return value == null ? 0 : ((value.get(0) & 0xff) << 8) | (value.get(1) & 0xff);
  }

  @Override
  public void close() {
    socket.close();
  }
}
