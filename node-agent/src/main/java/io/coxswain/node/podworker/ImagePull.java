package io.coxswain.node.podworker;

import com.google.protobuf.ByteString;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.LocalObjectReference;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.ApiException;
import io.coxswain.node.image.ImageException;
import io.coxswain.node.image.ImageRequest;
import io.coxswain.node.image.PullPolicy;
import io.coxswain.node.image.PulledImage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// Brings the image of a container onto the node, and those that are its volumes, with the pod's
/// pull secrets.
record ImagePull(PodParts parts, ImageVolumes volumes, Pod pod, Container container) {

  /// Blocks; the answer is the message to the worker.
  Runnable run(PodWorker worker, ContainerSlot slot) {
    Instant begun = parts.clock().instant();
    try {
      PullPolicy policy = PullPolicy.of(container.getImagePullPolicy());
      List<String> credentials = credentials();
      PulledImage image =
          parts.images().pull(new ImageRequest(container.getImage(), policy, credentials));
      volumes.bring(pod, container, credentials);
      Duration took = Duration.between(begun, parts.clock().instant());
      parts.metrics().imagePull.record(took);
      parts
          .events()
          .normal(
              pod,
              "Pulled",
              "Container image \"%s\" is present on machine, after %dms"
                  .formatted(container.getImage(), took.toMillis()));
      return () -> worker.pulled(slot, image);
    } catch (ImageException e) {
      return () -> worker.pullFailed(slot, e);
    } catch (ApiException e) {
      return () ->
          worker.pullFailed(
              slot,
              new ImageException(
                  ImageException.Reason.PULL, "pull secrets cannot be read: " + e.getMessage(), e));
    } catch (InterruptedException e) {
      return () ->
          worker.pullFailed(
              slot, new ImageException(ImageException.Reason.PULL, "no longer wanted", e));
    } catch (RuntimeException e) {
      return () ->
          worker.pullFailed(
              slot,
              new ImageException(ImageException.Reason.PULL, String.valueOf(e.getMessage()), e));
    }
  }

  private List<String> credentials() {
    List<String> configs = new ArrayList<>();
    for (LocalObjectReference reference : pod.getSpec().getImagePullSecretsList()) {
      parts
          .objects()
          .secret(pod.getMetadata().getNamespace(), reference.getName())
          .map(secret -> secret.getDataOrDefault(".dockerconfigjson", ByteString.EMPTY))
          .filter(config -> !config.isEmpty())
          .ifPresent(config -> configs.add(config.toStringUtf8()));
    }
    return configs;
  }
}
