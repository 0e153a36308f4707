package io.coxswain.node.image;

import java.net.URI;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// One place to fetch images of a registry from: the registry itself or a mirror of it.
///
/// @param base scheme, host and port, and a path prefix if any; no slash at its end
/// @param trust the authorities that its certificate must come from; null for the system's
/// @param mirror a mirror gets no credentials that were given for the registry
record RegistryHost(URI base, @Nullable SSLSocketFactory trust, boolean mirror) {

  URI resolve(String path) {
    return URI.create(base + path);
  }
}
