package io.coxswain.node.host;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A mount table that nothing is behind.
public final class FakeMounts implements Mounts {

  private final List<MountPoint> points = new ArrayList<>();

  @Override
  public synchronized void mount(
      String source, Path target, String type, Set<Flag> flags, String data) {
    points.add(new MountPoint(points.size(), "/", absolute(target), type, source, data));
  }

  @Override
  public synchronized void bind(Path source, Path target, boolean recursive, Set<Flag> flags) {
    String options = flags.contains(Flag.READ_ONLY) ? "ro" : "rw";
    points.add(
        new MountPoint(
            points.size(), source.toString(), absolute(target), "bind", "none", options));
  }

  @Override
  public synchronized void bindMapped(
      Path source, Path target, boolean recursive, boolean readOnly, UserRange users) {
    points.add(
        new MountPoint(
            points.size(),
            source.toString(),
            absolute(target),
            "bind",
            "none",
            "idmapped=" + users.first()));
  }

  @Override
  public void makePrivate(Path target) {}

  @Override
  public boolean share(Path folder) {
    return false;
  }

  @Override
  public synchronized void unmount(Path target) {
    for (int i = points.size() - 1; i >= 0; i--) {
      if (points.get(i).target().equals(absolute(target))) {
        points.remove(i);
        return;
      }
    }
  }

  @Override
  public synchronized List<MountPoint> list() {
    return List.copyOf(points);
  }

  private static Path absolute(Path path) {
    return path.toAbsolutePath().normalize();
  }
}
