package io.coxswain.node.volume;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.ServiceAccountTokenProjection;
import io.coxswain.client.ApiException;
import io.coxswain.node.podsource.TokenSource;
import io.coxswain.node.podsource.TokenSource.Issued;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The tokens of this node's pods, in memory only. Each is asked for once, and again when most of
/// its life is over, or when the clock was set back to before it begins; who cannot get a new one
/// keeps the old as long as it is good.
final class PodTokens {

  private static final Logger log = LoggerFactory.getLogger(PodTokens.class);

  private static final Duration USUAL = Duration.ofHours(1);

  /// No token is used longer, however long it would be good.
  private static final Duration LONGEST_USE = Duration.ofHours(24);

  private static final Duration AFTER_FAILURE = Duration.ofSeconds(30);

  /// Servers take a token that begins so little later than now.
  private static final Duration LEEWAY = Duration.ofMinutes(1);

  /// Tokens of pods that started together are not all renewed together.
  private static final int SPREAD_MILLIS = 10_000;

  private record Wanted(String audience, long seconds) {}

  /// @param due when a new one is to be asked for
  private record Held(Issued issued, Instant due) {
    Instant due(Instant now) {
      return now.plus(LEEWAY).isBefore(issued.begins()) && due.isAfter(issued.begins())
          ? Instant.EPOCH
          : due;
    }
  }

  private final TokenSource source;
  private final Clock clock;
  private final Map<String, Map<Wanted, Held>> byPod = new ConcurrentHashMap<>();
  private final Map<String, Instant> lookAgain = new ConcurrentHashMap<>();

  PodTokens(TokenSource source, Clock clock) {
    this.source = source;
    this.clock = clock;
  }

  /// The token for one file. Blocks while a new one is asked for. One call at a time for one pod.
  ///
  /// @throws ApiException when there is none, and none to be had
  String token(Pod pod, ServiceAccountTokenProjection wanted) {
    long seconds =
        wanted.hasExpirationSeconds() ? wanted.getExpirationSeconds() : USUAL.toSeconds();
    Map<Wanted, Held> held =
        byPod.computeIfAbsent(pod.getMetadata().getUid(), _ -> new ConcurrentHashMap<>());
    Wanted key = new Wanted(wanted.getAudience(), seconds);
    Held known = held.get(key);
    Instant now = clock.instant();
    if (known != null && now.isBefore(known.due(now))) {
      return known.issued().token();
    }
    try {
      Issued issued = source.issue(pod, wanted.getAudience(), Duration.ofSeconds(seconds));
      held.put(key, new Held(issued, due(issued, pod.getMetadata().getUid())));
      return issued.token();
    } catch (ApiException e) {
      if (known == null || !now.isBefore(known.issued().ends())) {
        throw e;
      }
      log.warn(
          "pod {}/{} keeps its token until {}: there is no new one: {}",
          pod.getMetadata().getNamespace(),
          pod.getMetadata().getName(),
          known.issued().ends(),
          e.getMessage());
      held.put(key, new Held(known.issued(), now.plus(AFTER_FAILURE)));
      return known.issued().token();
    }
  }

  /// After four fifths of its life.
  private static Instant due(Issued issued, String uid) {
    Duration life = Duration.between(issued.begins(), issued.ends());
    Duration used = life.multipliedBy(4).dividedBy(5);
    Duration spread = Duration.ofMillis(Math.floorMod(uid.hashCode(), SPREAD_MILLIS));
    return issued.begins().plus(used.compareTo(LONGEST_USE) < 0 ? used : LONGEST_USE).minus(spread);
  }

  /// The pod has files of which it could not be said whether they are still right.
  void lookAgain(String podUid) {
    lookAgain.put(podUid, clock.instant().plus(AFTER_FAILURE));
  }

  /// When to look at the pod's files again: before the first of its tokens ends. Far away when it
  /// has none.
  Instant dueAt(String podUid) {
    Instant unsure = lookAgain.getOrDefault(podUid, Instant.MAX);
    Instant now = clock.instant();
    return byPod.getOrDefault(podUid, Map.of()).values().stream()
        .map(held -> held.due(now))
        .filter(due -> due.isBefore(unsure))
        .min(Instant::compareTo)
        .orElse(unsure);
  }

  /// Everything of the pod is looked at now.
  void looked(String podUid) {
    lookAgain.remove(podUid);
  }

  void forget(String podUid) {
    lookAgain.remove(podUid);
    byPod.remove(podUid);
  }
}
