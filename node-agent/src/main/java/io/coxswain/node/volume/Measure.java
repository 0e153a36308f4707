package io.coxswain.node.volume;

import io.coxswain.client.volume.CsiNames;
import java.nio.file.Path;

/// How the room in one of a pod's volumes is found out, where the volume is more than a folder that
/// the node made for the pod.
public sealed interface Measure {

  /// What it is asked of. Who does not answer holds up nobody else.
  String party();

  /// Which volume it is: one thing at a time is asked of each, whichever pods have it.
  String volume();

  /// The file system tells (statvfs(3)), be it the volume's own or not.
  ///
  /// @param party the volume itself, or the server that the file system is on
  record FileSystem(Path folder, String party) implements Measure {

    @Override
    public String volume() {
      return folder.toString();
    }
  }

  /// A block device: of what is on it nothing is known.
  record Device(Path file) implements Measure {

    @Override
    public String party() {
      return file.toString();
    }

    @Override
    public String volume() {
      return file.toString();
    }
  }

  /// The driver tells, if it can.
  ///
  /// @param path where the pod has the volume
  record Driver(String driver, String handle, Path path) implements Measure {

    @Override
    public String party() {
      return driver;
    }

    @Override
    public String volume() {
      return CsiNames.unique(driver, handle);
    }
  }
}
