package io.coxswain.scheduler.plugin.image;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.ContainerImage;
import io.coxswain.scheduler.framework.ScorePlugin;
import io.coxswain.scheduler.snapshot.NodeInfo;
import io.coxswain.scheduler.snapshot.PodInfo;
import io.coxswain.scheduler.snapshot.Snapshot;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Nodes that have much of a pod's images already start it sooner. An image counts by its size, and
/// less when few nodes have it, so that not all pods of an image gather where it was pulled first.
public final class ImageLocality implements ScorePlugin {

  private static final double MEGABYTE = 1024.0 * 1024;
  private static final double LEAST = 23 * MEGABYTE;
  private static final double MOST_PER_CONTAINER = 1000 * MEGABYTE;

  @Override
  public String name() {
    return "ImageLocality";
  }

  @Override
  public int weight() {
    return 1;
  }

  @Override
  public Optional<double[]> scores(PodInfo pod, Snapshot snapshot, List<NodeInfo> nodes) {
    List<String> wanted =
        pod.pod().getSpec().getContainersList().stream()
            .map(Container::getImage)
            .filter(image -> !image.startsWith("host://"))
            .map(ImageLocality::normalized)
            .toList();
    if (wanted.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Integer> holders = new HashMap<>();
    double[] sums = new double[nodes.size()];
    for (NodeInfo node : nodes) {
      sizes(node).keySet().forEach(image -> holders.merge(image, 1, Integer::sum));
    }
    for (int i = 0; i < sums.length; i++) {
      Map<String, Long> sizes = sizes(nodes.get(i));
      for (String image : wanted) {
        double spread = (double) holders.getOrDefault(image, 0) / nodes.size();
        sums[i] += sizes.getOrDefault(image, 0L) * spread;
      }
    }
    double most = MOST_PER_CONTAINER * wanted.size();
    double[] scores = new double[sums.length];
    boolean any = false;
    for (int i = 0; i < sums.length; i++) {
      scores[i] = BEST * (Math.clamp(sums[i], LEAST, most) - LEAST) / (most - LEAST);
      any |= scores[i] > 0;
    }
    return any ? Optional.of(scores) : Optional.empty();
  }

  private static Map<String, Long> sizes(NodeInfo node) {
    Map<String, Long> sizes = new HashMap<>();
    for (ContainerImage image : node.node().getStatus().getImagesList()) {
      for (String name : image.getNamesList()) {
        sizes.put(normalized(name), image.getSizeBytes());
      }
    }
    return sizes;
  }

  private static String normalized(String image) {
    return image.indexOf(':', image.lastIndexOf('/') + 1) < 0 ? image + ":latest" : image;
  }
}
