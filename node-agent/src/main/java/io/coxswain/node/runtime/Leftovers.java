package io.coxswain.node.runtime;

import io.coxswain.node.host.ControlGroups;
import io.coxswain.node.image.Images;
import io.coxswain.node.network.PodNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What stands on the node of pods and containers that nobody knows any more, because what was
/// written down of them is lost: the power was cut before it was on the disk, or the disk is not
/// what it was. Nothing ever asks for it again, so it would run, or take room, for good.
final class Leftovers {

  private static final Logger log = LoggerFactory.getLogger(Leftovers.class);

  private final PodFolders folders;
  private final Sandboxes sandboxes;
  private final Handlers handlers;
  private final Images images;
  private final ControlGroups controlGroups;
  private final PodNetwork network;
  private final Remains remains;

  Leftovers(
      PodFolders folders,
      Sandboxes sandboxes,
      Handlers handlers,
      Images images,
      ControlGroups controlGroups,
      PodNetwork network,
      Remains remains) {
    this.folders = folders;
    this.sandboxes = sandboxes;
    this.handlers = handlers;
    this.images = images;
    this.controlGroups = controlGroups;
    this.network = network;
    this.remains = remains;
  }

  /// Takes away what is of none of these. What cannot be taken away is told in the log, and tried
  /// again by the next agent.
  ///
  /// @param pods uids
  /// @param containers ids
  void clear(Set<String> pods, Set<String> containers) throws IOException, InterruptedException {
    Set<String> strangers = new TreeSet<>(network.owners());
    names(folders.podRuns(), strangers);
    List<String> groups = new ArrayList<>();
    for (String parent : sandboxes.parentsOfPods()) {
      for (String group : controlGroups.children(parent)) {
        Sandboxes.podOf(group)
            .ifPresent(uid -> {
              strangers.add(uid);
              groups.add(parent + "/" + group);
            });
      }
    }
    strangers.removeAll(pods);

    Set<String> ids = new TreeSet<>(images.rootfsOwners());
    names(folders.bundles(), ids);
    names(folders.sockets(), ids);
    names(folders.mapped(), ids);
    for (String group : groups) {
      ids.addAll(controlGroups.children(group));
    }
    ids.removeAll(containers);
    ids.removeIf(id -> isOf(pods, id));
    for (String id : ids) {
      log.warn("container {} is not known to be of any pod: taken away", id);
      attempt(id, () -> clear(id, groups));
    }
    for (String uid : strangers) {
      log.warn("of pod {} nothing is known but what it has left: taken away", uid);
      attempt(uid, () -> sandboxes.tearDown(uid));
    }
  }

  @FunctionalInterface
  private interface Step {
    void run() throws IOException, InterruptedException;
  }

  private static void attempt(String whose, Step step) throws InterruptedException {
    try {
      step.run();
    } catch (IOException e) {
      log.warn("what is left of {} stays until the agent starts again", whose, e);
    }
  }

  private static void names(Path folder, Collection<String> into) throws IOException {
    DiskState.children(folder).forEach(child -> into.add(String.valueOf(child.getFileName())));
  }

  /// Things of a pod that are no container of it: the first process of its pid namespace, and
  /// volumes that are images.
  private static boolean isOf(Set<String> pods, String id) {
    return pods.stream().anyMatch(uid -> PodInit.id(uid).equals(id) || id.startsWith(uid + "."));
  }

  private void clear(String id, List<String> groups) throws IOException, InterruptedException {
    remains.endMonitor(id);
    remains.free(id, groups, new HashSet<>(handlers.runtimes()));
    remains.deleteBundle(id);
  }
}
