package io.coxswain.client.volume;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/// Names about volumes of storage drivers that follow from others, in the form that Kubernetes
/// gives them: drivers and tools know them.
public final class CsiNames {

  private static final Pattern ATTACHMENT = Pattern.compile("csi-[0-9a-f]{64}");

  private CsiNames() {}

  /// Of the VolumeAttachment by which a volume is asked to be at a node.
  public static String attachment(String handle, String driver, String node) {
    return "csi-" + digest(handle + driver + node);
  }

  /// Whether a VolumeAttachment may have got its name by [#attachment].
  public static boolean isAttachment(String name) {
    return ATTACHMENT.matcher(name).matches();
  }

  /// What a driver calls a volume that is there only for a pod.
  public static String ephemeralHandle(String podUid, String volume) {
    return "csi-" + digest(podUid + volume);
  }

  /// As `status.volumesInUse` of a node has it.
  public static String unique(String driver, String handle) {
    return "kubernetes.io/csi/" + driver + "^" + handle;
  }

  /// SHA-256, in hexadecimal digits.
  public static String digest(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
