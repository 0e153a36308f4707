package io.coxswain.controlplane.admission.podsecurity;

import com.google.protobuf.InvalidProtocolBufferException;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.EphemeralContainer;
import io.coxswain.api.core.v1.PodSpec;
import io.coxswain.api.core.v1.SecurityContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/// A container of any of the three sorts.
record AnyContainer(Container spec) {

  String name() {
    return spec.getName();
  }

  SecurityContext security() {
    return spec.getSecurityContext();
  }

  static List<AnyContainer> allOf(PodSpec pod) {
    List<AnyContainer> all = new ArrayList<>();
    pod.getInitContainersList().forEach(one -> all.add(new AnyContainer(one)));
    pod.getContainersList().forEach(one -> all.add(new AnyContainer(one)));
    pod.getEphemeralContainersList().forEach(one -> all.add(new AnyContainer(plain(one))));
    return all;
  }

  /// The two messages have the same fields by the same numbers.
  private static Container plain(EphemeralContainer ephemeral) {
    try {
      return Container.parseFrom(ephemeral.getEphemeralContainerCommon().toByteString());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a container cannot be read as one", e);
    }
  }

  static List<String> names(List<AnyContainer> all, Predicate<AnyContainer> which) {
    return all.stream().filter(which).map(AnyContainer::name).toList();
  }

  /// Containers with something bad, and all that is bad.
  record Found(List<String> containers, Set<String> values) {}

  static Found find(List<AnyContainer> all, Function<AnyContainer, Collection<String>> bad) {
    List<String> containers = new ArrayList<>();
    Set<String> values = new TreeSet<>();
    for (AnyContainer one : all) {
      Collection<String> its = bad.apply(one);
      if (!its.isEmpty()) {
        containers.add(one.name());
        values.addAll(its);
      }
    }
    return new Found(containers, values);
  }
}
