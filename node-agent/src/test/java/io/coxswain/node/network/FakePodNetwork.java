package io.coxswain.node.network;

import io.coxswain.api.core.v1.Pod;
import java.io.IOException;
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
  private final AtomicInteger failures = new AtomicInteger();
  private final String range;

  public FakePodNetwork() {
    this("10.244.250.");
  }

  /// @param range the first three numbers of all addresses, and a dot
  public FakePodNetwork(String range) {
    this.range = range;
  }

  /// So often it will not be ready.
  public void fail(int times) {
    failures.set(times);
  }

  /// How often it will not be ready from now on.
  public int failures() {
    return failures.get();
  }

  @Override
  public List<InetAddress> setUp(Attachment attachment) throws IOException {
    if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new IOException("the network is not ready: told so");
    }
    return List.of(
        addresses.computeIfAbsent(
            attachment.podUid(), uid -> InetAddress.ofLiteral(range + last.incrementAndGet())));
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
