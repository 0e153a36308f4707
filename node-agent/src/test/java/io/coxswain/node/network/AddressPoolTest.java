package io.coxswain.node.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.node.network.PodNetwork.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AddressPoolTest {

  private static final Cidr SMALL = Cidr.parse("10.244.7.0/29");

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final InstantSource clock = now::get;

  @TempDir private Path folder;

  @Test
  void goesRoundAndLetsAddressesRest() {
    AddressPool pool = new AddressPool(SMALL, Duration.ofSeconds(60), clock);
    assertThat(pool.take()).contains(ip("10.244.7.2"));
    assertThat(pool.take()).contains(ip("10.244.7.3"));
    pool.release(ip("10.244.7.2"));
    assertThat(pool.take()).contains(ip("10.244.7.4"));
    assertThat(pool.take()).contains(ip("10.244.7.5"));
    assertThat(pool.take()).contains(ip("10.244.7.6"));
    // Nothing but the one that rests is left: better that than none.
    assertThat(pool.take()).contains(ip("10.244.7.2"));
    assertThat(pool.take()).isEmpty();
    pool.release(ip("10.244.7.4"));
    pool.release(ip("10.244.7.3"));
    now.set(Instant.EPOCH.plusSeconds(60));
    assertThat(pool.take()).contains(ip("10.244.7.3"));
  }

  @Test
  void givesEveryAddressOnceButNotTheFirstTwoAndTheLast() {
    AddressPool pool = new AddressPool(Cidr.parse("10.0.0.0/24"), Duration.ZERO, clock);
    Set<InetAddress> given = new HashSet<>();
    for (int i = 0; i < 253; i++) {
      given.add(pool.take().orElseThrow());
    }
    assertThat(given).hasSize(253).doesNotContain(ip("10.0.0.0"), ip("10.0.0.1"), ip("10.0.0.255"));
    assertThat(pool.take()).isEmpty();
  }

  @Test
  void leasesOutliveTheAgent() throws IOException {
    List<HostPort> ports =
        List.of(new HostPort("", 80, 8080, "TCP"), new HostPort("192.0.2.1", 53, 53, "UDP"));
    PodLeases first = new PodLeases(new LeaseFolder(folder), clock);
    assertThatThrownBy(() -> first.lease("a", List.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no range");
    first.useRange(SMALL);
    Lease a = first.lease("a", ports);
    Lease b = first.lease("b", List.of());
    first.release("b");
    // A write that was cut off.
    Files.writeString(folder.resolve("c"), "address 10.244.7.");
    Files.writeString(folder.resolve("d.new"), "");

    PodLeases second = new PodLeases(new LeaseFolder(folder), clock);
    second.useRange(SMALL);
    assertThat(second.all()).containsExactly(a);
    assertThat(second.lease("a", ports)).isEqualTo(a);
    assertThat(second.lease("e", List.of()).address()).isNotEqualTo(a.address());
    assertThat(b.address()).isEqualTo(ip("10.244.7.3"));
    assertThatThrownBy(() -> second.lease("f", List.of(new HostPort("192.0.2.9", 80, 1, "TCP"))))
        .hasMessage("the node's port 80/TCP belongs to pod a already");
    assertThatThrownBy(() -> second.lease("../x", List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static InetAddress ip(String literal) {
    return InetAddress.ofLiteral(literal);
  }
}
