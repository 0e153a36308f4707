package io.coxswain.client.volume;

import io.coxswain.client.codec.Sha256;
import java.util.regex.Pattern;

/// Names about volumes of storage drivers that follow from others, in the form that Kubernetes
/// gives them: drivers and tools know them.
public final class CsiNames {

  private static final Pattern ATTACHMENT = Pattern.compile("csi-[0-9a-f]{64}");

  private CsiNames() {}

  /// Of the VolumeAttachment by which a volume is asked to be at a node.
  public static String attachment(String handle, String driver, String node) {
    return "csi-" + Sha256.hex(handle + driver + node);
  }

  /// Whether a VolumeAttachment may have got its name by [#attachment].
  public static boolean isAttachment(String name) {
    return ATTACHMENT.matcher(name).matches();
  }

  /// What a driver calls a volume that is there only for a pod.
  public static String ephemeralHandle(String podUid, String volume) {
    return "csi-" + Sha256.hex(podUid + volume);
  }

  /// As `status.volumesInUse` of a node has it.
  public static String unique(String driver, String handle) {
    return "kubernetes.io/csi/" + driver + "^" + handle;
  }
}
