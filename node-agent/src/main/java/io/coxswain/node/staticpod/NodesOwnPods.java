package io.coxswain.node.staticpod;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.ApiClient;
import io.coxswain.client.lifecycle.Lifecycle;
import io.coxswain.node.podsource.PodSource;
import io.coxswain.node.podworker.PodWorkers;
import io.coxswain.node.runtime.PodRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;

/// The parts of this package, put together.
public final class NodesOwnPods {

  private final PodRuntime runtime;
  private final StaticPods statics;
  private final MirrorPods mirrors;

  /// @param folder of the node's manifests
  public NodesOwnPods(
      Path folder,
      String node,
      PodRuntime runtime,
      PodWorkers workers,
      MirrorStatuses statuses,
      ApiClient client,
      Clock clock) {
    this.runtime = runtime;
    this.mirrors = new MirrorPods(node, client, statuses);
    this.statics = new StaticPods(new ManifestFolder(folder, node), workers, mirrors::wake, clock);
    statuses.whenEnded(statics::ended);
  }

  /// Something has become of the mirrors in the API.
  public void mirrorsChanged() {
    mirrors.wake();
  }

  /// Takes note of what a former agent began. Comes before the workers adopt it.
  public void adopt() throws IOException {
    for (Pod pod : runtime.known()) {
      statics.adopt(pod);
    }
  }

  /// Uids of all there are; nothing before it is clear what the manifests say.
  public Optional<Set<String>> all() {
    return statics.all();
  }

  public void startWith(Lifecycle lifecycle, PodSource source) {
    lifecycle.add("static pods", statics::start, statics);
    lifecycle.add("mirror pods", () -> mirrors.start(statics, source), mirrors);
  }
}
