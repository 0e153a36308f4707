package io.coxswain.controlplane.edge;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The decoded parameters of a URL, in their order.
public record Query(Map<String, List<String>> parameters) {

  private static final int MOST_PARAMETERS = 256;

  public static final Query EMPTY = new Query(Map.of());

  /// @param raw what follows the `?`
  /// @throws IllegalArgumentException when an escape is malformed
  static Query parse(String raw) {
    return raw.isEmpty()
        ? EMPTY
        : new Query(new QueryStringDecoder(raw, UTF_8, false, MOST_PARAMETERS).parameters());
  }

  private static final java.nio.charset.Charset UTF_8 = java.nio.charset.StandardCharsets.UTF_8;

  /// The first value, or an empty string.
  public String first(String name) {
    List<String> values = parameters.get(name);
    return values == null ? "" : values.getFirst();
  }

  public Optional<String> find(String name) {
    return Optional.ofNullable(parameters.get(name)).map(List::getFirst);
  }

  public List<String> all(String name) {
    return parameters.getOrDefault(name, List.of());
  }

  public boolean has(String name) {
    return parameters.containsKey(name);
  }

  /// Whether the parameter is set and not to a false value, as Kubernetes reads it: `?watch` and
  /// `?watch=1` are both true.
  public boolean flag(String name) {
    return find(name).filter(value -> !value.equals("false") && !value.equals("0")).isPresent();
  }
}
