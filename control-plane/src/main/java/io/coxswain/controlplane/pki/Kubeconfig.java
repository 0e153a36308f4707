package io.coxswain.controlplane.pki;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;

/// Writes the file with which kubectl and its kin find a cluster and prove who they are.
public final class Kubeconfig {

  private Kubeconfig() {}

  /// Replaces `file`, mode 0600, with one cluster, one user and one context; the certificates are
  /// embedded, so that the file can be copied to another machine.
  ///
  /// @param server as `https://10.0.0.1:6443`
  /// @param localSocket where this machine's administrators find the same server; said together
  ///   with the file's own path, so that a copy elsewhere is known as one
  public static void write(
      Path file, String clusterName, String server, Credentials user, Optional<Path> localSocket)
      throws IOException {
    String extensions =
        localSocket
            .map(socket -> extensions(file.toAbsolutePath(), socket, userName(clusterName)))
            .orElse("");
    Pem.write(file, text(clusterName, server, user, extensions));
  }

  /// Fields of a cluster that programs keep for themselves, and others pass over.
  private static String extensions(Path file, Path socket, String user) {
    return """
        extensions:
        - name: io.coxswain/local
          extension:
            socket: %s
            kubeconfig: %s
            user: %s
    """
        .formatted(quoted(socket), quoted(file), user);
  }

  private static String userName(String clusterName) {
    return clusterName + "-admin";
  }

  private static String quoted(Path path) {
    return "'" + path.toString().replace("'", "''") + "'";
  }

  private static String text(
      String clusterName, String server, Credentials user, String extensions) {
    return """
    apiVersion: v1
    kind: Config
    clusters:
    - name: %1$s
      cluster:
        server: %2$s
        certificate-authority-data: %3$s
    %7$susers:
    - name: %4$s
      user:
        client-certificate-data: %5$s
        client-key-data: %6$s
    contexts:
    - name: %1$s
      context:
        cluster: %1$s
        user: %4$s
    current-context: %1$s
    """
        .formatted(
            clusterName,
            server,
            base64(user.authorityPem()),
            userName(clusterName),
            base64(user.certificatePem()),
            base64(user.keyPem()),
            extensions);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }
}
