package io.coxswain.controlplane.server;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.custom.CustomObject;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// In which form an answer was asked for.
///
/// @param version of the view, as `v1`
record Negotiation(Format format, View view, String version) {

  enum Format {
    JSON("application/json"),
    YAML("application/yaml"),
    PROTOBUF("application/vnd.kubernetes.protobuf");

    private final String mediaType;

    Format(String mediaType) {
      this.mediaType = mediaType;
    }

    String mediaType() {
      return mediaType;
    }

    static Optional<Format> of(String mediaType) {
      return Arrays.stream(values()).filter(f -> f.mediaType.equals(mediaType)).findFirst();
    }
  }

  enum View {
    /// The object or list itself.
    WHOLE,
    /// Rows of cells.
    TABLE,
    /// Only metadata, of an object or of each in a list.
    METADATA
  }

  static final Negotiation PLAIN = new Negotiation(Format.JSON, View.WHOLE, "");

  /// Chooses the first form of an Accept header that can be given; JSON when there is no header.
  ///
  /// @throws ApiException with NotAcceptable when none can
  static Negotiation of(String accept) {
    return of(accept, true, true);
  }

  /// Questions that are answered and not stored have no rows to print.
  static Negotiation ofQuestion(String accept) {
    return of(accept, true, false);
  }

  /// Objects of kinds that people define have no protobuf form, their metadata alone has.
  ///
  /// @param prototype of the kind that is asked for
  static Negotiation of(String accept, Message prototype) {
    return of(accept, !(prototype instanceof CustomObject), true);
  }

  private static Negotiation of(String accept, boolean protobuf, boolean table) {
    if (accept.isBlank()) {
      return PLAIN;
    }
    for (String entry : accept.split(",", -1)) {
      Optional<Negotiation> match = entry(entry);
      if (match.isPresent()
          && (protobuf || !match.get().isWholeProtobuf())
          && (table || match.get().view() != View.TABLE)) {
        return match.get();
      }
    }
    throw new ApiException(
        new ApiError.NotAcceptable(
            "only the following media types are accepted: application/json, application/yaml"
                + (protobuf ? ", application/vnd.kubernetes.protobuf" : "")));
  }

  private boolean isWholeProtobuf() {
    return format == Format.PROTOBUF && view == View.WHOLE;
  }

  /// As [#of], but JSON instead of an error: for errors themselves.
  static Negotiation forError(String accept) {
    try {
      return new Negotiation(of(accept).format(), View.WHOLE, "");
    } catch (ApiException e) {
      return PLAIN;
    }
  }

  private static Optional<Negotiation> entry(String text) {
    List<String> parts = Arrays.stream(text.split(";", -1)).map(String::strip).toList();
    String type = parts.getFirst().toLowerCase(Locale.ROOT);
    Map<String, String> parameters = new HashMap<>();
    for (String part : parts.subList(1, parts.size())) {
      int equals = part.indexOf('=');
      if (equals > 0) {
        parameters.put(part.substring(0, equals), part.substring(equals + 1));
      }
    }
    boolean any = type.equals("*/*") || type.equals("application/*");
    Optional<Format> format = any ? Optional.of(Format.JSON) : Format.of(type);
    if (format.isEmpty()) {
      return Optional.empty();
    }
    String as = parameters.getOrDefault("as", "");
    String version = parameters.getOrDefault("v", "");
    boolean known =
        parameters.getOrDefault("g", "").equals("meta.k8s.io")
            && (version.equals("v1") || version.equals("v1beta1"));
    return switch (as) {
      case "" -> Optional.of(new Negotiation(format.get(), View.WHOLE, ""));
      // A Table has no protobuf form in Kubernetes either.
      case "Table" ->
          known && format.get() != Format.PROTOBUF
              ? Optional.of(new Negotiation(format.get(), View.TABLE, version))
              : Optional.empty();
      case "PartialObjectMetadata", "PartialObjectMetadataList" ->
          known
              ? Optional.of(new Negotiation(format.get(), View.METADATA, version))
              : Optional.empty();
      default -> Optional.empty();
    };
  }
}
