package io.coxswain.client.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Event;
import io.coxswain.client.events.WrittenEvents.Sameness;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class WrittenEventsTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Event EVENT = Event.newBuilder().setReason("BackOff").build();

  private final WrittenEvents written = new WrittenEvents(3);

  private static Sameness of(String name) {
    return new Sameness("u", "Pod", "shop", name, EventRecorder.Type.WARNING, "BackOff", "again");
  }

  private static Instant after(Duration time) {
    return START.plus(time);
  }

  @Test
  void isFoundForTenMinutes() {
    written.put(of("web"), EVENT, START);
    assertThat(written.find(of("web"), after(Duration.ofMinutes(10)))).contains(EVENT);
    assertThat(written.find(of("web"), after(Duration.ofMinutes(10).plusMillis(1)))).isEmpty();
    assertThat(written.find(of("other"), START)).isEmpty();
  }

  @Test
  void goesWithAge() {
    written.put(of("web"), EVENT, START);
    written.put(of("db"), EVENT, after(Duration.ofMinutes(5)));
    written.forget(after(Duration.ofMinutes(10)));
    assertThat(written.size()).isEqualTo(2);
    written.forget(after(Duration.ofMinutes(11)));
    assertThat(written.size()).isEqualTo(1);
    assertThat(written.find(of("db"), after(Duration.ofMinutes(11)))).isPresent();
    written.forget(after(Duration.ofMinutes(16)));
    assertThat(written.size()).isZero();
  }

  @Test
  void oneThatIsRaisedStays() {
    written.put(of("web"), EVENT, START);
    written.put(of("web"), EVENT, after(Duration.ofMinutes(8)));
    written.forget(after(Duration.ofMinutes(15)));
    assertThat(written.size()).isEqualTo(1);
  }

  @Test
  void theOneNotAskedForLongestMakesRoom() {
    for (String name : new String[] {"a", "b", "c"}) {
      written.put(of(name), EVENT, START);
    }
    assertThat(written.find(of("a"), START)).isPresent();
    written.put(of("d"), EVENT, START);
    assertThat(written.find(of("a"), START)).isPresent();
    assertThat(written.find(of("b"), START)).isEmpty();
  }

  @Test
  void anObjectWhoseBurstIsFullAgainGoesToo() {
    Bursts bursts = new Bursts(10);
    assertThat(bursts.allow("quiet", START)).isTrue();
    for (int i = 0; i < 30; i++) {
      assertThat(bursts.allow("noisy", START)).isEqualTo(i < 25);
    }
    bursts.forget(after(Duration.ofMinutes(4)));
    assertThat(bursts.size()).isEqualTo(2);
    bursts.forget(after(Duration.ofMinutes(5)));
    assertThat(bursts.size()).isEqualTo(1);
    assertThat(bursts.allow("noisy", after(Duration.ofMinutes(5)))).isTrue();
    assertThat(bursts.allow("noisy", after(Duration.ofMinutes(5)))).isFalse();
    bursts.forget(after(Duration.ofMinutes(5 + 25 * 5)));
    assertThat(bursts.size()).isZero();
  }
}
