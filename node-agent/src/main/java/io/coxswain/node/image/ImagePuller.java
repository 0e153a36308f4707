package io.coxswain.node.image;

import io.coxswain.node.image.ImageException.Reason;
import io.coxswain.node.image.ImageManifest.Descriptor;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings one image here: asks the registry what it consists of, fetches the missing layers side by
/// side, unpacks each once. Safe for use by many threads.
final class ImagePuller implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ImagePuller.class);
  private static final int DOWNLOADS = 6;
  private static final int UNPACKERS = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 4);

  private final ImageFolders folders;
  private final LayerStore layers;
  private final ImageRecords records;
  private final PullOptions options;
  private final Map<Digest, FutureTask<LayerStore.Layer>> underWay = new ConcurrentHashMap<>();
  private final Semaphore downloads = new Semaphore(DOWNLOADS);
  private final ExecutorService fetchers = Executors.newVirtualThreadPerTaskExecutor();

  /// Platform threads: unpacking is system calls, which would hold up virtual ones. They end soon
  /// after the last pull.
  private final ExecutorService unpackers = unpackers();

  ImagePuller(ImageFolders folders, LayerStore layers, ImageRecords records, PullOptions options) {
    this.folders = folders;
    this.layers = layers;
    this.records = records;
    this.options = options;
  }

  /// Asks the registry, its mirrors first, with each of the credentials that fit.
  ImageRecord pull(ImageName.Remote image, DockerCredentials credentials)
      throws ImageException, InterruptedException {
    List<String> reasons = new ArrayList<>();
    for (RegistryHost host : options.registries().hosts(image.registry())) {
      try {
        return pull(image, host, credentials);
      } catch (IOException e) {
        log.info("{} is not pulled from {}: {}", image, host.base(), e.toString());
        reasons.add(host.base() + ": " + why(e));
      }
    }
    throw new ImageException(
        Reason.PULL, "image %s: %s".formatted(image, String.join("; ", reasons)));
  }

  private ImageRecord pull(ImageName.Remote image, RegistryHost host, DockerCredentials credentials)
      throws IOException, InterruptedException {
    String authority = host.mirror() ? host.base().getAuthority() : image.registry();
    List<DockerCredentials.@Nullable Entry> logins =
        new ArrayList<>(credentials.matching(authority, image.repository()));
    if (logins.isEmpty()) {
      logins.add(null);
    }
    RegistryException denied = null;
    for (DockerCredentials.Entry login : logins) {
      try {
        return pull(image, new RegistryClient(host, image.repository(), login, options.timeouts()));
      } catch (RegistryException e) {
        if (!e.isDenied()) {
          throw e;
        }
        denied = e;
      }
    }
    throw denied == null ? new RegistryException(401, "access denied") : denied;
  }

  private ImageRecord pull(ImageName.Remote image, RegistryClient client)
      throws IOException, InterruptedException {
    byte[] top = client.manifest(image.version(), ImageManifest.ACCEPT);
    Digest resolved = image.digest().isEmpty() ? Digest.of(top) : Digest.parse(image.digest());
    verify(resolved, top);
    ImageRecord known = records.find(image.toString()).orElse(null);
    if (known != null && known.resolved().equals(resolved)) {
      return known;
    }
    byte[] content = top;
    if (ImageManifest.isIndex(top)) {
      Descriptor chosen = ImageManifest.select(top, options.platform());
      content = client.manifest(chosen.digest().toString(), ImageManifest.ACCEPT);
      verify(chosen.digest(), content);
    }
    ImageManifest manifest = ImageManifest.read(content);
    ImageManifest.Config config = ImageManifest.readConfig(fetch(client, manifest.config()));
    if (config.diffIds().size() != manifest.layers().size()) {
      throw new RegistryException(
          0,
          "the image's config names %d layers and its manifest %d"
              .formatted(config.diffIds().size(), manifest.layers().size()));
    }
    long size = 0;
    for (LayerStore.Layer layer : bring(client, manifest.layers(), config.diffIds())) {
      size += layer.size();
    }
    options.steps().before("record image");
    ImageRecord record =
        new ImageRecord(
            image.toString(), resolved, manifest.config().digest(), config.diffIds(), size);
    records.put(record);
    return record;
  }

  private byte[] fetch(RegistryClient client, Descriptor blob)
      throws IOException, InterruptedException {
    if (blob.size() > PullOptions.MAX_CONFIG_BYTES) {
      throw new RegistryException(0, "the image's config is larger than 8 MiB");
    }
    Path file = folders.blob(blob.digest());
    if (Files.exists(file)) {
      return Files.readAllBytes(file);
    }
    // a file of its own: two names of one image may be pulled at once
    Path part = Files.createTempFile(folders.scratch(), "config-", "");
    try {
      new BlobDownload(client, blob, part, options.retries(), options.steps()).run();
      byte[] content = Files.readAllBytes(part);
      options.steps().before("store config");
      folders.writeDurably(file, content);
      return content;
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private List<LayerStore.Layer> bring(
      RegistryClient client, List<Descriptor> blobs, List<Digest> diffIds)
      throws IOException, InterruptedException {
    Map<Digest, Future<LayerStore.Layer>> wanted = new HashMap<>();
    for (int i = 0; i < blobs.size(); i++) {
      Digest diffId = diffIds.get(i);
      Descriptor blob = blobs.get(i);
      wanted.computeIfAbsent(diffId, id -> start(client, blob, id));
    }
    List<LayerStore.Layer> all = new ArrayList<>();
    for (Digest diffId : diffIds) {
      Future<LayerStore.Layer> layer = wanted.get(diffId);
      if (layer != null) {
        all.add(await(layer));
      }
    }
    return all;
  }

  /// Joins whoever brings this layer already. When its registry fails, everybody who waits fails,
  /// and asks again later.
  private Future<LayerStore.Layer> start(RegistryClient client, Descriptor blob, Digest diffId) {
    FutureTask<LayerStore.Layer> mine = new FutureTask<>(() -> layer(client, blob, diffId));
    FutureTask<LayerStore.Layer> other = underWay.putIfAbsent(diffId, mine);
    if (other != null) {
      return other;
    }
    fetchers.execute(() -> {
      try {
        mine.run();
      } finally {
        underWay.remove(diffId, mine);
      }
    });
    return mine;
  }

  /// Unpacks a layer whose archive is here, unless the layer is; joins whoever brings it already.
  /// The archive stays.
  LayerStore.Layer unpack(Digest diffId, Path archive) throws IOException, InterruptedException {
    FutureTask<LayerStore.Layer> mine =
        new FutureTask<>(() -> {
          LayerStore.Layer here = layers.find(diffId).orElse(null);
          return here != null
              ? here
              : await(unpackers.submit(() -> layers.unpack(diffId, archive)));
        });
    FutureTask<LayerStore.Layer> other = underWay.putIfAbsent(diffId, mine);
    if (other != null) {
      return await(other);
    }
    try {
      mine.run();
    } finally {
      underWay.remove(diffId, mine);
    }
    return await(mine);
  }

  private LayerStore.Layer layer(RegistryClient client, Descriptor blob, Digest diffId)
      throws IOException, InterruptedException {
    // by both names: a config may call one archive two things, and two threads must not share a
    // file
    Path part = folders.downloads().resolve(blob.digest().hex() + "-" + LayerStore.id(diffId));
    LayerStore.Layer here = layers.find(diffId).orElse(null);
    if (here != null) {
      Files.deleteIfExists(part); // an agent before this one ended between the two
      return here;
    }
    downloads.acquire();
    try {
      new BlobDownload(client, blob, part, options.retries(), options.steps()).run();
    } finally {
      downloads.release();
    }
    try {
      LayerStore.Layer layer = await(unpackers.submit(() -> layers.unpack(diffId, part)));
      options.steps().before("drop archive");
      return layer;
    } finally {
      Files.deleteIfExists(part); // also a bad one, or it would be bad for ever
    }
  }

  private static LayerStore.Layer await(Future<LayerStore.Layer> future)
      throws IOException, InterruptedException {
    try {
      return future.get();
    } catch (CancellationException e) {
      throw new IOException("the pull was given up", e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RegistryException refused -> throw refused;
        case MalformedLayerException bad -> throw bad;
        case IOException failed -> throw failed;
        case InterruptedException ended -> throw new IOException("the pull was given up", ended);
        case null, default -> throw new IllegalStateException("while bringing a layer", e);
      }
    }
  }

  private static ExecutorService unpackers() {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            UNPACKERS,
            UNPACKERS,
            2,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().name("unpack-", 0).daemon().factory());
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  private static void verify(Digest digest, byte[] content) throws RegistryException {
    if (!digest.matches(updated(digest, content))) {
      throw new RegistryException(0, "the registry sent another manifest than " + digest);
    }
  }

  private static MessageDigest updated(Digest digest, byte[] content) {
    MessageDigest hash = digest.hash();
    hash.update(content);
    return hash;
  }

  /// In words for a pod's author.
  private static String why(IOException e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    return switch (e) {
      case RegistryException refused -> message;
      case MalformedLayerException bad -> "the image is damaged or hostile: " + message;
      case UnknownHostException unknown -> "no such host: " + message;
      case ConnectException refused -> "cannot connect: " + message;
      case SocketTimeoutException late -> "no answer in time: " + message;
      case SSLException untrusted -> "TLS failed: " + message;
      default -> message;
    };
  }

  /// Ends what is under way; parts of downloads stay for the next pull.
  @Override
  public void close() {
    fetchers.shutdownNow();
    unpackers.shutdownNow();
  }
}
