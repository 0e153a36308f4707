package io.coxswain.kubectl.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/// An answer whose body is still to be read; read it to its end or close it before the next
/// request.
///
/// @param headers names in lower case
public record Response(int status, Map<String, String> headers, InputStream body) {

  public byte[] bytes() throws IOException {
    try (InputStream stream = body) {
      return stream.readAllBytes();
    }
  }

  public String header(String name) {
    return headers.getOrDefault(name, "");
  }
}
