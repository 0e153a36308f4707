package io.coxswain.controlplane.pki;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;

/// Writes the file with which kubectl and its kin find a cluster and prove who they are.
public final class Kubeconfig {

  private Kubeconfig() {}

  /// Replaces `file`, mode 0600, with one cluster, one user and one context; the certificates are
  /// embedded, so that the file can be copied to another machine.
  ///
  /// @param server as `https://10.0.0.1:6443`
  public static void write(Path file, String clusterName, String server, Credentials user)
      throws IOException {
    Pem.write(file, text(clusterName, server, user));
  }

  static String text(String clusterName, String server, Credentials user) {
    String userName = clusterName + "-admin";
    return """
    apiVersion: v1
    kind: Config
    clusters:
    - name: %1$s
      cluster:
        server: %2$s
        certificate-authority-data: %3$s
    users:
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
            userName,
            base64(user.certificatePem()),
            base64(user.keyPem()));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }
}
