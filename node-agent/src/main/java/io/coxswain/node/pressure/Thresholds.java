package io.coxswain.node.pressure;

import io.coxswain.client.codec.Times;
import io.coxswain.node.pressure.Threshold.Amount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads thresholds as the kubelet's options have them.
public final class Thresholds {

  /// The kubelet's on Linux.
  public static final String DEFAULT_HARD =
      "memory.available<100Mi,nodefs.available<10%,nodefs.inodesFree<5%,"
          + "imagefs.available<15%,imagefs.inodesFree<5%";

  private Thresholds() {}

  /// @param hard as [#DEFAULT_HARD]
  /// @param soft the same
  /// @param grace of each soft threshold, as `memory.available=1m30s`
  /// @param reclaim as `nodefs.available=500Mi`
  /// @throws IllegalArgumentException naming the option and what is wrong with it
  public static List<Threshold> parse(String hard, String soft, String grace, String reclaim) {
    Map<Signal, Amount> least = new LinkedHashMap<>();
    pairs("--eviction-minimum-reclaim", reclaim, "=")
        .forEach((signal, text) ->
            least.put(signal, amount("--eviction-minimum-reclaim", signal, text)));
    List<Threshold> thresholds = new ArrayList<>();
    pairs("--eviction-hard", hard, "<")
        .forEach((signal, text) ->
            add(thresholds, "--eviction-hard", signal, text, Duration.ZERO, least));
    Map<Signal, String> graces = pairs("--eviction-soft-grace-period", grace, "=");
    pairs("--eviction-soft", soft, "<")
        .forEach((signal, text) -> {
          String patience = graces.get(signal);
          if (patience == null) {
            throw new IllegalArgumentException(
                "grace period must be specified for the soft eviction threshold %s: give --eviction-soft-grace-period=%s=1m30s"
                    .formatted(signal.text(), signal.text()));
          }
          add(thresholds, "--eviction-soft", signal, text, duration(signal, patience), least);
        });
    return List.copyOf(thresholds);
  }

  private static void add(
      List<Threshold> thresholds,
      String option,
      Signal signal,
      String text,
      Duration grace,
      Map<Signal, Amount> reclaim) {
    if (text.equals("0%") || text.equals("100%")) {
      return; // the kubelet's way to say: none
    }
    Amount amount = amount(option, signal, text);
    if (amount.of(100) <= 0) {
      throw new IllegalArgumentException(
          "%s: %s must be positive, not %s".formatted(option, signal.text(), text));
    }
    Optional<Amount> more = Optional.ofNullable(reclaim.get(signal));
    thresholds.add(new Threshold(signal, amount, grace, more));
    if (signal == Signal.MEMORY && grace.isZero()) {
      thresholds.add(new Threshold(Signal.ALLOCATABLE_MEMORY, amount, grace, more));
    }
  }

  private static Amount amount(String option, Signal signal, String text) {
    try {
      return Amount.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s: %s: %s".formatted(option, signal.text(), e.getMessage()), e);
    }
  }

  private static Duration duration(Signal signal, String text) {
    return Times.parseDuration(text)
        .filter(grace -> !grace.isNegative())
        .orElseThrow(() ->
            new IllegalArgumentException(
                "--eviction-soft-grace-period: %s: \"%s\" is no duration, as 1m30s"
                    .formatted(signal.text(), text)));
  }

  private static Map<Signal, String> pairs(String option, String text, String separator) {
    Map<Signal, String> pairs = new LinkedHashMap<>();
    for (String pair : text.isBlank() ? new String[0] : text.split(",", -1)) {
      String[] parts = pair.strip().split(separator, 2);
      if (parts.length < 2) {
        throw new IllegalArgumentException(
            "%s: \"%s\" is not SIGNAL%sVALUE, as memory.available%s%s"
                .formatted(option, pair, separator, separator, "100Mi"));
      }
      String name = parts[0].strip();
      if (name.startsWith("containerfs.")) {
        continue; // always as one of the other two, as in the kubelet
      }
      Signal signal =
          Signal.named(name)
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      "%s: unsupported eviction signal %s: there are %s"
                          .formatted(option, name, Signal.names())));
      pairs.put(signal, parts[1].strip());
    }
    return pairs;
  }
}
