package io.coxswain.node.netlink;

import java.io.IOException;

/// The kernel refused a request.
public final class NetlinkException extends IOException {

  private static final long serialVersionUID = 1;

  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EAGAIN = 11;
  public static final int EEXIST = 17;
  public static final int ENODEV = 19;
  public static final int EADDRNOTAVAIL = 99;

  /// More was told than there was room for.
  public static final int ENOBUFS = 105;

  private final int errno;

  /// @param explanation the kernel's own words, often empty
  NetlinkException(String what, int errno, String explanation) {
    super(
        "%s: the kernel refused with error %d (%s)%s"
            .formatted(what, errno, name(errno), explanation.isEmpty() ? "" : ": " + explanation));
    this.errno = errno;
  }

  /// The number as of errno(3).
  public int errno() {
    return errno;
  }

  private static String name(int errno) {
    return switch (errno) {
      case 1 -> "not permitted: root or CAP_NET_ADMIN is needed";
      case ENOENT -> "no such object";
      case ESRCH -> "nothing like that is there";
      case EAGAIN -> "no answer in time";
      case 12, ENOBUFS -> "out of memory";
      case 16 -> "busy";
      case EEXIST -> "exists already";
      case ENODEV -> "no such device";
      case 22 -> "invalid";
      case 28 -> "no space left";
      case 93, 95 -> "not supported by this kernel";
      case EADDRNOTAVAIL -> "no such address";
      case 100 -> "the network is down";
      case 101 -> "the network cannot be reached";
      default -> "see errno(3)";
    };
  }
}
