package io.coxswain.controlplane.registry;

import java.time.Duration;

/// What an operator may choose.
///
/// @param serviceRange cluster IPs of Services
/// @param firstNodePort inclusive
/// @param lastNodePort inclusive
/// @param eventsKept how long Events stay
/// @param patience how long a read waits for the cache to come level
public record RegistryOptions(
    Ipv4Range serviceRange,
    int firstNodePort,
    int lastNodePort,
    Duration eventsKept,
    Duration patience) {

  public static final RegistryOptions DEFAULT =
      new RegistryOptions(
          Ipv4Range.parse("10.96.0.0/16"),
          30000,
          32767,
          Duration.ofHours(1),
          Duration.ofSeconds(5));
}
