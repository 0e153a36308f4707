package io.coxswain.client.codec;

/// The parts of a container's image name, as `registry.example:5000/team/app:1.2@sha256:…`.
///
/// @param repository everything before tag and digest, as written
/// @param tag empty for none
/// @param digest empty for none
public record ImageName(String repository, String tag, String digest) {

  /// Images on the node itself, `host:///`, have neither tag nor digest.
  public static final String HOST_SCHEME = "host://";

  public static ImageName of(String image) {
    if (image.startsWith(HOST_SCHEME)) {
      return new ImageName(image, "", "");
    }
    int at = image.indexOf('@');
    String digest = at < 0 ? "" : image.substring(at + 1);
    String named = at < 0 ? image : image.substring(0, at);
    int colon = named.indexOf(':', named.lastIndexOf('/') + 1);
    return colon < 0
        ? new ImageName(named, "", digest)
        : new ImageName(named.substring(0, colon), named.substring(colon + 1), digest);
  }

  public boolean isHost() {
    return repository.startsWith(HOST_SCHEME);
  }

  /// Whether the name may mean another image tomorrow: `latest`, said or implied.
  public boolean moves() {
    return !isHost() && digest.isEmpty() && (tag.isEmpty() || tag.equals("latest"));
  }
}
