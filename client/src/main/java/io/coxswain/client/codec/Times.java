package io.coxswain.client.codec;

import io.coxswain.api.meta.v1.MicroTime;
import io.coxswain.api.meta.v1.Time;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// The API's times and durations against Java's.
public final class Times {

  /// Go's zero time, 0001-01-01T00:00:00Z: upstream encodes an absent time so.
  static final long GO_ZERO_SECONDS = -62135596800L;

  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private Times() {}

  public static Instant instant(Time time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  public static Instant instant(MicroTime time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  /// Whole seconds, as the API stores it.
  public static Time time(Instant instant) {
    return Time.newBuilder().setSeconds(instant.getEpochSecond()).build();
  }

  /// Whole microseconds, as the API stores it.
  public static MicroTime microTime(Instant instant) {
    Instant whole = instant.truncatedTo(ChronoUnit.MICROS);
    return MicroTime.newBuilder()
        .setSeconds(whole.getEpochSecond())
        .setNanos(whole.getNano())
        .build();
  }

  /// `2026-11-23T19:00:00Z`
  public static String formatSeconds(Instant instant) {
    return SECONDS.format(instant);
  }

  /// `2026-11-23T19:00:00.123456Z`
  public static String formatMicros(Instant instant) {
    return MICROS.format(instant);
  }

  /// Reads RFC 3339 with any offset and fraction.
  public static Optional<Instant> parse(String text) {
    try {
      return Optional.of(OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /// `1h5m0s`, `1.5s`, `250ms`, `0s`: the shortest units as Go writes them.
  public static String formatDuration(long nanos) {
    return GoDuration.format(nanos);
  }

  /// Reads Go's form of a duration, as `1h30m` or `-1.5s`.
  public static Optional<Duration> parseDuration(String text) {
    try {
      return Optional.of(Duration.ofNanos(GoDuration.parse(text)));
    } catch (DateTimeException | ArithmeticException e) {
      return Optional.empty();
    }
  }
}
