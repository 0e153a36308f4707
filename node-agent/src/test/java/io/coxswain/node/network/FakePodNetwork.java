package io.coxswain.node.network;

import io.coxswain.api.core.v1.Pod;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Hands out addresses and connects nothing.
public final class FakePodNetwork implements PodNetwork {

  private final Map<String, InetAddress> addresses = new ConcurrentHashMap<>();
  private final AtomicInteger last = new AtomicInteger(1);

  @Override
  public List<InetAddress> setUp(Attachment attachment) {
    return List.of(
        addresses.computeIfAbsent(
            attachment.podUid(),
            uid -> InetAddress.ofLiteral("10.244.250." + last.incrementAndGet())));
  }

  @Override
  public void tearDown(String podUid) {
    addresses.remove(podUid);
  }

  @Override
  public String resolvConf(Pod pod) {
    return "nameserver 10.96.0.10\n";
  }

  @Override
  public Collection<String> owners() {
    return Set.copyOf(addresses.keySet());
  }

  @Override
  public String unreadyReason() {
    return "";
  }
}
