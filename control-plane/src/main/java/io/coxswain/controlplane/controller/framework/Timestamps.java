package io.coxswain.controlplane.controller.framework;

import io.coxswain.api.meta.v1.Time;
import java.time.Instant;

/// The API's times, which know whole seconds.
public final class Timestamps {

  private Timestamps() {}

  public static Instant instant(Time time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  /// Cut to the second, as the API stores it.
  public static Time time(Instant instant) {
    return Time.newBuilder().setSeconds(instant.getEpochSecond()).build();
  }
}
