package io.coxswain.kubectl.config;

/// What the command line says about server and user, instead of the kubeconfig; empty where it says
/// nothing.
///
/// @param authority a file, as are certificate and key
public record Chosen(
    String context,
    String cluster,
    String user,
    String server,
    String token,
    boolean insecure,
    String serverName,
    String authority,
    String certificate,
    String key) {

  /// Whether the machine's own socket would lead to another server, or in as somebody else.
  boolean isAnotherServerOrUser() {
    return !(server.isEmpty() && token.isEmpty() && certificate.isEmpty() && key.isEmpty());
  }
}
