package io.coxswain.node.volume;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.VolumeMount;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/// The volumes of this node's pods. Idempotent and on disk: a new agent on the same folders goes on
/// where the last one ended. Safe for use by many threads, one at a time for one pod.
public interface Volumes {

  /// Makes every volume of the pod ready but images, and answers with them by name. Asked again for
  /// a pod that has them, brings ConfigMap, Secret, downward API and projected files up to date
  /// atomically and leaves the rest. Blocks.
  Map<String, PodVolume> setUp(Pod pod) throws VolumeException, InterruptedException;

  /// When [#setUp] has to be asked again at the latest, since something in the pod's volumes ends:
  /// a token.
  Instant dueAt(Pod pod);

  /// Where a mount with `subPath` is on the host: never outside the volume, whatever links are in
  /// it, and safe against changes while the container starts. Makes missing folders. Undone by
  /// [#tearDown].
  ///
  /// @param subPath `subPath`, or `subPathExpr` with its variables replaced
  Path subPath(Pod pod, PodVolume volume, String container, VolumeMount mount, String subPath)
      throws VolumeException;

  /// Takes the pod's volumes away, and what emptyDirs hold. Idempotent.
  ///
  /// @throws IOException when it cannot be done now; to be tried again
  void tearDown(String podUid) throws IOException, InterruptedException;

  /// Where the files of the pod's volumes are that the node itself made for this pod alone, as of
  /// emptyDirs and ConfigMaps, by the volumes' names. Those that are not there are left out.
  Map<String, Path> folders(Pod pod);

  /// How the pod's other volumes are measured, by their names: those that are ready and of which
  /// anything can be known. Looks at nothing.
  Map<String, Measure> measures(Pod pod);

  /// Measures one of them; nothing when its driver tells nothing. Blocks, for minutes where a
  /// driver does not answer, and for as long as a server is away: with [Measure.FileSystem] and
  /// [Measure.Device] not for virtual threads.
  Optional<VolumeFigures> figures(Measure measure) throws IOException;

  /// Pods that have volumes here, also those of an agent before this one.
  Collection<String> owners() throws IOException;
}
