package io.coxswain.node.image;

import io.coxswain.node.host.UserRange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// The images of this node and the root file systems made of them. Everything is on disk: a new
/// agent on the same folders goes on where the last one ended. Safe for use by many threads.
public interface Images {

  /// Makes sure that the image is here. Two callers for one image share the work. Blocks as long as
  /// the registry needs.
  PulledImage pull(ImageRequest request) throws ImageException, InterruptedException;

  /// Takes the images of an archive, as `docker save` writes it or an OCI layout in a tar, plain or
  /// compressed by gzip or zstd. Of several, those before a bad one stay. Blocks as the source
  /// does.
  ///
  /// @param name for the archive's only image; empty for what the archive says
  /// @throws IOException also when it is no such archive
  List<PulledImage> load(InputStream archive, String name)
      throws ImageException, IOException, InterruptedException;

  /// Writes an archive of images that are here, as an OCI layout with what `docker save` writes
  /// beside it. They stay here until it is written. Blocks as the target does; an interrupt ends
  /// it, and nothing is written to the target after this returns.
  ///
  /// @param names as pods name them
  /// @param to gets nothing unless all of them are here; used by another thread than this one
  /// @throws ImageException when one is not here (NEVER_PULL) or cannot be saved (INVALID_NAME)
  /// @throws TooManySavesException when others are being written
  void save(List<String> names, OutputStream to)
      throws ImageException, IOException, InterruptedException;

  /// The image with this [PulledImage#id], if it is here.
  Optional<PulledImage> find(String id);

  /// A root file system with a private writable layer for one container. Idempotent: asked again
  /// for the same container, the same folder with what was written in it.
  ///
  /// @param users whose root has what belongs to root in the image
  Path mountRootfs(PulledImage image, String containerId, UserRange users) throws IOException;

  /// One that belongs to the node's own users.
  default Path mountRootfs(PulledImage image, String containerId) throws IOException {
    return mountRootfs(image, containerId, UserRange.NODE);
  }

  /// The files of an image, that nobody can change, for a pod's volume. Idempotent: while it is
  /// there it stays the same, whatever image is named. Taken away by [#unmountRootfs].
  ///
  /// @param volumeId unique on the node, also among containers
  Path mountVolume(PulledImage image, String volumeId) throws IOException;

  /// Where the volume is, if it is there.
  Optional<Path> mountedVolume(String volumeId) throws IOException;

  /// Takes the root file system away, and what was written in it. Idempotent.
  void unmountRootfs(String containerId) throws IOException;

  /// Containers that have a root file system here, also those of an agent before this one.
  Collection<String> rootfsOwners() throws IOException;

  /// Where that stands what a container wrote in its root file system, if it is here.
  Optional<Path> writableLayer(String containerId);

  /// All images here, for the node's status.
  List<PulledImage> list();

  /// Makes now what the first pod with `host:///` would else wait for. Blocks a second or so.
  void prepare() throws IOException;

  /// Takes away images that no container uses, as the options say. Blocks.
  ///
  /// @return names of the images that are gone
  List<String> collectGarbage(CollectOptions options) throws IOException;
}
