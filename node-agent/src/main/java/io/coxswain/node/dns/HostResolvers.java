package io.coxswain.node.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The node's own resolv.conf, read again when it changes. Where it names only a resolver on the
/// loopback address, as systemd-resolved's stub, the file behind that is taken: a pod has another
/// loopback. Safe for use by many threads.
public final class HostResolvers {

  private static final Logger LOG = LoggerFactory.getLogger(HostResolvers.class);
  private static final long LOOK_AGAIN_NANOS = 5_000_000_000L;

  private final List<Path> files;
  private ResolvConf known = ResolvConf.EMPTY;
  private FileTime written = FileTime.fromMillis(-1);
  private long looked = System.nanoTime() - LOOK_AGAIN_NANOS;

  /// @param files the first that names a server which a pod can reach is taken
  public HostResolvers(List<Path> files) {
    this.files = List.copyOf(files);
  }

  public synchronized ResolvConf read() {
    if (System.nanoTime() - looked < LOOK_AGAIN_NANOS) {
      return known;
    }
    looked = System.nanoTime();
    try {
      load();
    } catch (IOException e) {
      LOG.warn("The host's resolvers cannot be read; going on with {}", known.nameservers(), e);
    }
    return known;
  }

  private void load() throws IOException {
    FileTime newest = FileTime.fromMillis(0);
    for (Path file : files) {
      if (Files.exists(file) && Files.getLastModifiedTime(file).compareTo(newest) > 0) {
        newest = Files.getLastModifiedTime(file);
      }
    }
    if (newest.equals(written)) {
      return;
    }
    ResolvConf best = ResolvConf.EMPTY;
    for (Path file : files) {
      if (!Files.isReadable(file)) {
        continue;
      }
      ResolvConf read = ResolvConf.parse(Files.readString(file));
      if (best.nameservers().isEmpty()) {
        best = read;
      }
      if (read.nameservers().stream().anyMatch(Predicate.not(HostResolvers::isLoopback))) {
        best = read;
        break;
      }
    }
    known = best;
    written = newest;
  }

  private static boolean isLoopback(String server) {
    try {
      return InetAddress.ofLiteral(server).isLoopbackAddress();
    } catch (IllegalArgumentException e) {
      return true;
    }
  }
}
