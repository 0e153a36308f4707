package io.coxswain.node.image;

import io.coxswain.node.filesystem.FileTree;
import io.coxswain.node.host.Mounts;
import io.coxswain.node.host.UserRange;
import io.coxswain.node.image.ImageException.Reason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// [Images] on this machine's disk: registry images as unpacked layers, host images as they are,
/// both mounted by overlayfs. Needs root.
public final class OverlayImages implements Images, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(OverlayImages.class);
  private static final ImageConfig HOST_CONFIG =
      new ImageConfig(
          List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
          List.of(),
          List.of(),
          "",
          "/",
          "",
          Set.of());

  /// Pulls share work only when they would ask the registry the same.
  private record PullKey(ImageName.Remote image, DockerCredentials credentials) {}

  private final ImageFolders folders;
  private final LayerStore layers;
  private final ImageRecords records;
  private final ImagePuller puller;
  private final ImageLoader loader;
  private final ImageSaver saver;
  private final RootFilesystems rootFilesystems;
  private final HostSystem hostSystem;
  private final HostFolders hostFolders;
  private final Clock clock;
  private final Map<PullKey, FutureTask<ImageRecord>> pulls = new ConcurrentHashMap<>();

  /// Read: pulling and mounting, which count on layers that are here. Write: taking layers away.
  private final ReentrantReadWriteLock collecting = new ReentrantReadWriteLock();

  private final Timer pullTimer;
  private final Timer mountTimer;
  private final Counter failures;
  private final Counter collected;

  /// Opens the folder and clears what an agent before left unfinished there.
  ///
  /// @param root folder of all images, made when missing; on ext4, xfs or btrfs
  /// @param run folder of what ends with the machine's run, as mounts do
  /// @param data the node's data folder, which no container is to see
  public static OverlayImages open(
      Path root,
      Path run,
      Path data,
      Registries registries,
      Mounts mounts,
      Clock clock,
      MeterRegistry metrics)
      throws IOException {
    return open(
        root,
        run,
        new HostSystemPlace(Path.of("/"), data),
        PullOptions.of(registries),
        LayerUnpacker.Limits.DEFAULT,
        mounts,
        clock,
        metrics);
  }

  /// @param host root of the host's own system
  /// @param data the node's data folder
  record HostSystemPlace(Path host, Path data) {}

  static OverlayImages open(
      Path root,
      Path run,
      HostSystemPlace place,
      PullOptions options,
      LayerUnpacker.Limits limits,
      Mounts mounts,
      Clock clock,
      MeterRegistry metrics)
      throws IOException {
    ImageFolders folders = new ImageFolders(root.toAbsolutePath(), run.toAbsolutePath());
    folders.create();
    clear(folders.scratch(), mounts);
    LayerStore layers = new LayerStore(folders, limits, options.steps());
    ImageRecords records = ImageRecords.load(folders, layers);
    return new OverlayImages(
        folders, layers, records, place, options, limits.bytes(), mounts, clock, metrics);
  }

  private OverlayImages(
      ImageFolders folders,
      LayerStore layers,
      ImageRecords records,
      HostSystemPlace place,
      PullOptions options,
      long mostBytes,
      Mounts mounts,
      Clock clock,
      MeterRegistry metrics) {
    this.folders = folders;
    this.layers = layers;
    this.records = records;
    this.clock = clock;
    puller = new ImagePuller(folders, layers, records, options);
    loader = new ImageLoader(folders, puller, records, options.platform(), mostBytes);
    saver = new ImageSaver(folders, layers, records);
    rootFilesystems = new RootFilesystems(folders, mounts);
    hostSystem = new HostSystem(place.host(), place.data(), folders, clock);
    hostFolders = new HostFolders(place.data());
    pullTimer = metrics.timer("coxswain.image.pull");
    mountTimer = metrics.timer("coxswain.image.mount");
    failures = metrics.counter("coxswain.image.pull.failures");
    collected = metrics.counter("coxswain.image.collected");
    Gauge.builder("coxswain.image.count", records, all -> all.all().size()).register(metrics);
  }

  private static void clear(Path scratch, Mounts mounts) throws IOException {
    try (Stream<Path> rest = Files.list(scratch)) {
      for (Path path : rest.toList()) {
        mounts.unmountBelow(path);
        FileTree.delete(path);
      }
    }
  }

  @Override
  public PulledImage pull(ImageRequest request) throws ImageException, InterruptedException {
    try {
      return switch (ImageName.parse(request.image())) {
        case ImageName.HostSystem system -> {
          hostSystem.generation(); // so that a problem shows here
          yield hostImage(system.toString());
        }
        case ImageName.HostFolder(Path folder) -> hostImage("host://" + hostFolders.check(folder));
        case ImageName.Remote remote -> describe(pull(remote, request));
      };
    } catch (ImageException e) {
      failures.increment();
      throw e;
    } catch (IOException e) {
      failures.increment();
      throw new ImageException(
          Reason.PULL, "image %s: %s".formatted(request.image(), e.getMessage()), e);
    }
  }

  private ImageRecord pull(ImageName.Remote image, ImageRequest request)
      throws ImageException, IOException, InterruptedException {
    ImageRecord known = records.find(image.toString()).orElse(null);
    // a digest never comes to mean something else: nothing to ask the registry
    boolean settled = request.policy() != PullPolicy.ALWAYS || !image.digest().isEmpty();
    if (known != null && settled) {
      records.markUsed(known, clock.instant());
      return known;
    }
    if (request.policy() == PullPolicy.NEVER) {
      throw new ImageException(
          Reason.NEVER_PULL,
          "image %s is not on this node and its pull policy is Never".formatted(image));
    }
    PullKey key = new PullKey(image, DockerCredentials.parse(request.dockerConfigs()));
    FutureTask<ImageRecord> mine = new FutureTask<>(() -> pullNow(key));
    FutureTask<ImageRecord> shared = pulls.putIfAbsent(key, mine);
    if (shared == null) {
      shared = mine;
      // a thread of its own: the pull goes on for others when this caller is interrupted
      Thread.ofVirtual().name("pull-" + image).start(mine);
    }
    try {
      return shared.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case ImageException refused ->
            throw new ImageException(refused.reason(), messageOf(refused), refused);
        case IOException failed -> throw failed;
        case null, default -> throw new IllegalStateException("while pulling " + image, e);
      }
    }
  }

  private static String messageOf(ImageException e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  private ImageRecord pullNow(PullKey key)
      throws ImageException, IOException, InterruptedException {
    Timer.Sample sample = Timer.start();
    collecting.readLock().lock();
    try {
      ImageRecord record = puller.pull(key.image(), key.credentials());
      records.markUsed(record, clock.instant());
      log.info("pulled {} ({} MB)", record.name(), record.size() >> 20);
      return record;
    } finally {
      collecting.readLock().unlock();
      pulls.remove(key);
      sample.stop(pullTimer);
    }
  }

  @Override
  public List<PulledImage> load(InputStream archive, String name)
      throws ImageException, IOException, InterruptedException {
    collecting.readLock().lock();
    try {
      List<PulledImage> loaded = new ArrayList<>();
      for (ImageRecord record : loader.load(archive, name)) {
        records.markUsed(record, clock.instant());
        log.info("loaded {} ({} MB)", record.name(), record.size() >> 20);
        loaded.add(describe(record));
      }
      return loaded;
    } finally {
      collecting.readLock().unlock();
    }
  }

  /// The lock is held only until it is known what must stay: whoever reads the archive may be slow.
  @Override
  public void save(List<String> names, OutputStream to)
      throws ImageException, IOException, InterruptedException {
    ImageSaver.Saving saving;
    collecting.readLock().lock();
    try {
      saving = saver.begin(names);
    } finally {
      collecting.readLock().unlock();
    }
    try (saving) {
      saving.write(to);
    }
  }

  @Override
  public Optional<PulledImage> find(String id) {
    if (id.startsWith(ImageName.HOST)) {
      return Optional.of(hostImage(id));
    }
    return records.withConfig(id).map(this::describe);
  }

  @Override
  public Path mountRootfs(PulledImage image, String containerId, UserRange users)
      throws IOException {
    Timer.Sample sample = Timer.start();
    collecting.readLock().lock();
    try {
      if (!image.id().startsWith(ImageName.HOST)) {
        return mountLayers(image, containerId, users);
      }
      Path folder = Path.of(image.id().substring(ImageName.HOST.length()));
      return folder.getNameCount() == 0
          ? mountSystem(containerId, users)
          : mountFolder(folder, containerId, users);
    } finally {
      collecting.readLock().unlock();
      sample.stop(mountTimer);
    }
  }

  @Override
  public Path mountVolume(PulledImage image, String volumeId) throws IOException {
    if (image.id().startsWith(ImageName.HOST)) {
      throw new IOException(
          "%s is no image of a registry: for the node's own files there are hostPath volumes"
              .formatted(image.name()));
    }
    collecting.readLock().lock();
    try {
      Optional<Path> there = rootFilesystems.find(volumeId);
      if (there.isPresent()) {
        return there.get();
      }
      ImageRecord record = record(image);
      records.markUsed(record, clock.instant());
      return rootFilesystems.mountReadOnly(volumeId, image.id(), lowers(record), empty());
    } finally {
      collecting.readLock().unlock();
    }
  }

  @Override
  public Optional<Path> mountedVolume(String volumeId) throws IOException {
    return rootFilesystems.find(volumeId);
  }

  private ImageRecord record(PulledImage image) throws IOException {
    return records
        .withConfig(image.id())
        .orElseThrow(() -> new IOException("image %s is no longer here".formatted(image.name())));
  }

  private Path empty() throws IOException {
    return Files.createDirectories(folders.root().resolve("empty"));
  }

  private Path mountLayers(PulledImage image, String containerId, UserRange users)
      throws IOException {
    ImageRecord record = record(image);
    List<Path> lowers = lowers(record);
    if (lowers.isEmpty()) {
      lowers.add(empty());
    }
    records.markUsed(record, clock.instant());
    return rootFilesystems.mount(
        containerId, image.id(), List.of(new RootFilesystems.Overlay("", lowers)), users);
  }

  /// The topmost first.
  private List<Path> lowers(ImageRecord record) {
    List<Path> lowers = new ArrayList<>();
    for (Digest layer : record.layers().reversed()) {
      Path folder = layers.folder(layer);
      if (!lowers.contains(folder)) { // one layer can come twice, and overlayfs takes it once
        lowers.add(folder);
      }
    }
    return lowers;
  }

  private Path mountSystem(String containerId, UserRange users) throws IOException {
    HostSystem.Generation generation = hostSystem.generation();
    List<RootFilesystems.Overlay> overlays = new ArrayList<>();
    overlays.add(new RootFilesystems.Overlay("", List.of(generation.root())));
    for (String tree : generation.trees()) {
      overlays.add(new RootFilesystems.Overlay(tree, List.of(hostSystem.host().resolve(tree))));
    }
    return rootFilesystems.mount(containerId, "host " + generation.id(), overlays, users);
  }

  private Path mountFolder(Path folder, String containerId, UserRange users) throws IOException {
    try {
      Path real = hostFolders.check(folder);
      return rootFilesystems.mount(
          containerId, "folder", List.of(new RootFilesystems.Overlay("", List.of(real))), users);
    } catch (ImageException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public void unmountRootfs(String containerId) throws IOException {
    rootFilesystems.unmount(containerId);
  }

  @Override
  public Collection<String> rootfsOwners() throws IOException {
    return rootFilesystems.owners();
  }

  @Override
  public Optional<Path> writableLayer(String containerId) {
    return rootFilesystems.written(containerId);
  }

  @Override
  public List<PulledImage> list() {
    return records.all().stream().map(this::describe).toList();
  }

  private static PulledImage hostImage(String id) {
    return new PulledImage(id, id, id, 0, HOST_CONFIG);
  }

  private PulledImage describe(ImageRecord record) {
    try {
      byte[] config = Files.readAllBytes(folders.blob(record.config()));
      String name = record.name().replaceFirst("@.*", "");
      int colon = name.lastIndexOf(':');
      String repository = colon > name.lastIndexOf('/') ? name.substring(0, colon) : name;
      return new PulledImage(
          record.name(),
          record.config().toString(),
          repository + "@" + record.resolved(),
          record.size(),
          ImageManifest.readConfig(config).config());
    } catch (IOException e) {
      throw new UncheckedIOException("reading the config of " + record.name(), e);
    }
  }

  @Override
  public void prepare() throws IOException {
    HostSystem.Generation _ = hostSystem.generation();
  }

  /// The longest unused go first. What no image needs any more goes, too. Waits for pulls that are
  /// under way.
  @Override
  public List<String> collectGarbage(CollectOptions options) throws IOException {
    collecting.writeLock().lock();
    try {
      Set<String> used = usedSources();
      Instant now = clock.instant();
      boolean full = diskUsage() > options.high();
      List<String> gone = new ArrayList<>();
      for (ImageRecord record : byLastUse()) {
        if (used.contains(record.config().toString())) {
          // in use until now, whenever its containers started
          records.markUsed(record, now);
        } else if (isDue(record, options, full)) {
          records.remove(record);
          gone.add(record.name());
          retainLayers(used);
        }
      }
      retainLayers(used);
      hostSystem.retain(used);
      if (full) {
        dropDownloads();
      }
      collected.increment(gone.size());
      return gone;
    } finally {
      collecting.writeLock().unlock();
    }
  }

  /// Parts of pulls that were given up. No pull is under way now.
  private void dropDownloads() throws IOException {
    try (Stream<Path> parts = Files.list(folders.downloads())) {
      for (Path part : parts.toList()) {
        Files.deleteIfExists(part);
      }
    }
  }

  private boolean isDue(ImageRecord record, CollectOptions options, boolean full)
      throws IOException {
    Duration unused = Duration.between(records.lastUsed(record), clock.instant());
    if (unused.compareTo(options.minimumAge()) < 0) {
      return false;
    }
    boolean old = options.maximumAge().isPositive() && unused.compareTo(options.maximumAge()) > 0;
    return old || (full && diskUsage() > options.low());
  }

  private double diskUsage() throws IOException {
    FileStore disk = Files.getFileStore(folders.root());
    return 1 - (double) disk.getUsableSpace() / Math.max(1, disk.getTotalSpace());
  }

  private Set<String> usedSources() throws IOException {
    Set<String> used = new HashSet<>();
    for (String container : rootFilesystems.owners()) {
      used.add(rootFilesystems.source(container).replaceFirst("^host ", ""));
    }
    return used;
  }

  private List<ImageRecord> byLastUse() throws IOException {
    Map<ImageRecord, Instant> uses = new HashMap<>();
    for (ImageRecord record : records.all()) {
      uses.put(record, records.lastUsed(record));
    }
    return uses.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .toList();
  }

  /// A tag that moved leaves an image without a name: it stays as long as a container stands on it.
  private void retainLayers(Set<String> used) throws IOException {
    Set<String> needed = new HashSet<>();
    Set<String> configs = new HashSet<>();
    for (ImageRecord record :
        Stream.concat(records.all().stream(), saver.kept().stream()).toList()) {
      record.layers().forEach(layer -> needed.add(LayerStore.id(layer)));
      configs.add(record.config().hex());
    }
    for (String id : used) {
      if (id.startsWith("sha256:") && Files.exists(folders.blob(Digest.parse(id)))) {
        byte[] config = Files.readAllBytes(folders.blob(Digest.parse(id)));
        ImageManifest.readConfig(config).diffIds().forEach(one -> needed.add(LayerStore.id(one)));
        configs.add(Digest.parse(id).hex());
      }
    }
    layers.retain(needed);
    try (Stream<Path> blobs = Files.list(folders.blobs().resolve("sha256"))) {
      for (Path blob : blobs.toList()) {
        if (!configs.contains(String.valueOf(blob.getFileName()))) {
          Files.delete(blob);
        }
      }
    }
  }

  /// Ends pulls that are under way; root file systems stay mounted.
  @Override
  public void close() {
    puller.close();
    rootFilesystems.close();
  }
}
