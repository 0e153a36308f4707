package io.coxswain.controlplane.edge;

import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioChannelOption;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The rules of a Unix domain socket that gives whoever reaches it the administrator's power: who
/// can open it is decided by the kernel, twice. Its folder and file are closed to others, and who
/// connects all the same must be root or the server's own user.
///
/// Source: unix(7), for the peer's credentials and for the meaning of a socket file's mode.
final class LocalSocket {

  private static final Logger LOG = LoggerFactory.getLogger(LocalSocket.class);

  /// Of `sun_path`, with the zero that ends it.
  private static final int MOST_PATH_BYTES = 107;

  private static final String ROOT = "0";

  private final Path file;
  private final UserPrincipal root;
  private final UserPrincipal own;

  private LocalSocket(Path file, UserPrincipal root, UserPrincipal own) {
    this.file = file;
    this.root = root;
    this.own = own;
  }

  /// Makes the folder and takes away what a dead server left. The folder is closed before there is
  /// a socket in it: between a socket's birth and its mode nobody else can come near.
  ///
  /// @param file in a folder that holds nothing else
  /// @throws IOException when the folder is somebody else's, another server answers there, or the
  ///   path is longer than a socket's can be
  static LocalSocket prepare(Path file) throws IOException {
    Path whole = file.toAbsolutePath();
    if (whole.toString().getBytes(StandardCharsets.UTF_8).length > MOST_PATH_BYTES) {
      throw new IOException(
          whole + " is longer than the " + MOST_PATH_BYTES + " bytes of a socket's path");
    }
    Path folder = whole.getParent();
    if (folder == null) {
      throw new IOException(whole + " is no file in a folder of its own");
    }
    UserPrincipal own = privately(folder);
    if (Files.exists(whole, LinkOption.NOFOLLOW_LINKS)) {
      if (answers(whole)) {
        throw new IOException("another server answers at " + whole);
      }
      Files.delete(whole);
    }
    return new LocalSocket(whole, principal(ROOT), own);
  }

  /// Makes or takes the folder for this user alone.
  ///
  /// @return the user whose process this is
  private static UserPrincipal privately(Path folder) throws IOException {
    var closed = PosixFilePermissions.fromString("rwx------");
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(folder.resolve("..").normalize());
      Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(closed));
    }
    var view =
        Files.getFileAttributeView(folder, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    UserPrincipal own = Files.getOwner(Path.of("/proc/self"));
    var found = view.readAttributes();
    if (!found.isDirectory() || !found.owner().equals(own)) {
      throw new IOException(
          folder + " is no folder of " + own.getName() + ": remove it, it is made again");
    }
    view.setPermissions(closed);
    return own;
  }

  private static boolean answers(Path file) {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(file))) {
      return channel.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private static UserPrincipal principal(String user) throws IOException {
    return FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(user);
  }

  UnixDomainSocketAddress address() {
    return UnixDomainSocketAddress.of(file);
  }

  /// Closes the file to others, too, as soon as it is there.
  void restrict() throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  /// Whether who connected may.
  boolean admits(Channel connection) {
    UnixDomainPrincipal peer =
        connection.config().getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
    if (peer != null && admits(peer.user())) {
      return true;
    }
    LOG.warn("Refused {} at {}", peer == null ? "somebody unknown" : peer.user().getName(), file);
    return false;
  }

  boolean admits(UserPrincipal user) {
    return user.equals(root) || user.equals(own);
  }
}
