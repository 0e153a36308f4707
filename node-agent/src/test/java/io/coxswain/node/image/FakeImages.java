package io.coxswain.node.image;

import io.coxswain.node.host.UserRange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/// Images that are given, each with a folder as its root file system; containers share it.
public final class FakeImages implements Images {

  private final Map<String, PulledImage> images = new ConcurrentHashMap<>();
  private final Map<String, Path> folders = new ConcurrentHashMap<>();
  private final Map<String, ImageException> failures = new ConcurrentHashMap<>();
  private final Map<String, Path> volumes = new ConcurrentHashMap<>();
  private final Set<String> mounted = ConcurrentHashMap.newKeySet();

  private volatile CountDownLatch saves = new CountDownLatch(0);
  private volatile int busy;

  public FakeImages with(String name, Path folder, ImageConfig config) {
    String id = "sha256:" + Integer.toHexString(name.hashCode());
    images.put(name, new PulledImage(name, id, name + "@" + id, 1, config));
    folders.put(id, folder);
    return this;
  }

  public FakeImages failing(String name, ImageException failure) {
    failures.put(name, failure);
    return this;
  }

  @Override
  public PulledImage pull(ImageRequest request) throws ImageException {
    ImageException failure = failures.get(request.image());
    if (failure != null) {
      throw failure;
    }
    PulledImage image = images.get(request.image());
    if (image == null) {
      throw new ImageException(
          ImageException.Reason.PULL, "no image \"%s\"".formatted(request.image()));
    }
    return image;
  }

  /// Every archive is of the one image whose name it has as its text.
  @Override
  public List<PulledImage> load(InputStream archive, String name)
      throws ImageException, IOException {
    String said = new String(archive.readAllBytes(), StandardCharsets.UTF_8);
    return List.of(
        pull(new ImageRequest(name.isEmpty() ? said : name, PullPolicy.NEVER, List.of())));
  }

  /// Archives are not begun before whoever wants one gives it up.
  public FakeImages holdingUpSaves() {
    saves = new CountDownLatch(1);
    return this;
  }

  /// As where so many archives are being written.
  public FakeImages busyWithSaves(int most) {
    busy = most;
    return this;
  }

  /// An archive is its images' names.
  @Override
  public void save(List<String> names, OutputStream to)
      throws ImageException, IOException, InterruptedException {
    saves.await();
    if (busy > 0) {
      throw new TooManySavesException(busy);
    }
    for (String name : names) {
      PulledImage image = images.get(name);
      if (image == null) {
        throw new ImageException(
            ImageException.Reason.NEVER_PULL, "image %s is not on this node".formatted(name));
      }
    }
    to.write(String.join(" ", names).getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public Optional<PulledImage> find(String id) {
    return images.values().stream().filter(image -> image.id().equals(id)).findFirst();
  }

  /// Other users than the node's get a copy of their own.
  @Override
  public Path mountRootfs(PulledImage image, String containerId, UserRange users)
      throws IOException {
    Path folder = folders.get(image.id());
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IOException("no root file system for " + image.name());
    }
    mounted.add(containerId);
    return users.isOwn() ? copy(folder, folder.resolveSibling(containerId), users) : folder;
  }

  private static Path copy(Path from, Path to, UserRange users) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path one : all.toList()) {
        Path made = to.resolve(from.relativize(one));
        Files.copy(one, made, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(made, "unix:uid", users.first(), LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(made, "unix:gid", users.first(), LinkOption.NOFOLLOW_LINKS);
      }
    }
    return to;
  }

  @Override
  public Path mountVolume(PulledImage image, String volumeId) throws IOException {
    Path folder = mountRootfs(image, volumeId);
    volumes.put(volumeId, folder);
    return folder;
  }

  @Override
  public Optional<Path> mountedVolume(String volumeId) {
    return Optional.ofNullable(volumes.get(volumeId));
  }

  @Override
  public void unmountRootfs(String containerId) {
    volumes.remove(containerId);
    mounted.remove(containerId);
  }

  @Override
  public Collection<String> rootfsOwners() {
    return Set.copyOf(mounted);
  }

  /// Containers share what they write.
  @Override
  public Optional<Path> writableLayer(String containerId) {
    return Optional.empty();
  }

  @Override
  public List<PulledImage> list() {
    return List.copyOf(images.values());
  }

  @Override
  public void prepare() {
    // all that is given is ready
  }

  @Override
  public List<String> collectGarbage(CollectOptions options) {
    return List.of();
  }
}
