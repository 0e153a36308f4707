package io.coxswain.controlplane.controller;

import io.coxswain.controlplane.controller.certificate.Signer;
import io.coxswain.controlplane.controller.framework.ExtensionKinds;
import java.time.Duration;
import java.util.Optional;

/// What an operator may decide about controllers.
///
/// @param identity names this candidate for leadership. The same after a restart, so that it goes
///   on at once instead of waiting for its own lease to end; different for every server of a
///   cluster
/// @param alone whether no other server can be a candidate, so that leadership need not be renewed
///   as often
/// @param pods where pods get their addresses from
/// @param times how long nodes may be away
/// @param rootCertificates the cluster's CA in PEM, given to every namespace
/// @param terminatedPodLimit how many ended pods are kept for people to look at
/// @param signer signs approved requests for certificates; without one nobody does
/// @param extensions kinds of other API servers, whose objects have owners and namespaces, too
public record ControllerOptions(
    String identity,
    boolean alone,
    PodNetwork pods,
    NodeTimes times,
    String rootCertificates,
    int terminatedPodLimit,
    Optional<Signer> signer,
    ExtensionKinds extensions) {

  public ControllerOptions {
    if (identity.isBlank()) {
      throw new IllegalArgumentException("controllers need an identity, as the server's name");
    }
  }

  /// @param cidr from which each node gets a block, as `10.244.0.0/16`
  /// @param nodePrefix length of the prefix of a node's block
  public record PodNetwork(String cidr, int nodePrefix) {}

  /// @param lost how long a node may be silent before it counts as lost
  /// @param notReady how long a node may say that it is not ready and keep its pods
  /// @param tolerance how long a pod that says nothing of it stays on a node that is lost or not
  ///   ready: together with `lost` the time until a lost pod is replaced
  public record NodeTimes(Duration lost, Duration notReady, Duration tolerance) {

    public NodeTimes {
      if (!lost.isPositive() || notReady.isNegative() || tolerance.isNegative()) {
        throw new IllegalArgumentException("times of controllers must not be negative");
      }
    }
  }

  /// Lost after 10 s, evicted after 5 s more; `10.244.0.0/16` in blocks of /24.
  public static ControllerOptions of(String identity, String rootCertificates) {
    return new ControllerOptions(
        identity,
        false,
        new PodNetwork("10.244.0.0/16", 24),
        new NodeTimes(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(5)),
        rootCertificates,
        12_500,
        Optional.empty(),
        ExtensionKinds.NONE);
  }

  public ControllerOptions withoutRivals(boolean isAlone) {
    return new ControllerOptions(
        identity, isAlone, pods, times, rootCertificates, terminatedPodLimit, signer, extensions);
  }

  public ControllerOptions withPodNetwork(String cidr, int nodePrefix) {
    PodNetwork other = new PodNetwork(cidr, nodePrefix);
    return new ControllerOptions(
        identity, alone, other, times, rootCertificates, terminatedPodLimit, signer, extensions);
  }

  public ControllerOptions withNodeTimes(Duration lost, Duration tolerance) {
    NodeTimes other = new NodeTimes(lost, times.notReady(), tolerance);
    return new ControllerOptions(
        identity, alone, pods, other, rootCertificates, terminatedPodLimit, signer, extensions);
  }

  public ControllerOptions withSigner(Signer authority) {
    Optional<Signer> other = Optional.of(authority);
    return new ControllerOptions(
        identity, alone, pods, times, rootCertificates, terminatedPodLimit, other, extensions);
  }

  public ControllerOptions withExtensions(ExtensionKinds kinds) {
    return new ControllerOptions(
        identity, alone, pods, times, rootCertificates, terminatedPodLimit, signer, kinds);
  }
}
