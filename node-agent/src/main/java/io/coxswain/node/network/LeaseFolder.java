package io.coxswain.node.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Leases that outlive the agent, one file a pod, each written at once or not at all. The folder
/// may end with the machine's run, as the namespaces do that they speak of.
final class LeaseFolder {

  private static final Logger LOG = LoggerFactory.getLogger(LeaseFolder.class);
  private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
  private static final String UNFINISHED = ".new";

  private final Path folder;

  LeaseFolder(Path folder) {
    this.folder = folder;
  }

  /// All leases, the oldest first. What cannot be read is taken away.
  List<Lease> load() throws IOException {
    Files.createDirectories(folder);
    record Dated(Lease lease, FileTime written) {}
    List<Dated> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        Optional<Lease> lease =
            name.endsWith(UNFINISHED)
                ? Optional.empty()
                : Lease.parse(name, Files.readString(file));
        if (lease.isPresent()) {
          found.add(new Dated(lease.get(), Files.getLastModifiedTime(file)));
        } else {
          LOG.warn("The address lease {} is not whole and is taken away", file);
          Files.deleteIfExists(file);
        }
      }
    }
    found.sort(Comparator.comparing(Dated::written));
    return found.stream().map(Dated::lease).toList();
  }

  void write(Lease lease) throws IOException {
    Path file = file(lease.podUid());
    Path unfinished = folder.resolve(lease.podUid() + UNFINISHED);
    Files.writeString(unfinished, lease.text());
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
  }

  void delete(String podUid) throws IOException {
    Files.deleteIfExists(file(podUid));
  }

  private Path file(String podUid) {
    if (!FILE_NAME.matcher(podUid).matches()) {
      throw new IllegalArgumentException("'%s' is no pod UID".formatted(podUid));
    }
    return folder.resolve(podUid);
  }
}
