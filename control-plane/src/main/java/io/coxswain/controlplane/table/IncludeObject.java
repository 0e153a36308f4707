package io.coxswain.controlplane.table;

import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;

/// How much of the object comes with its row.
public enum IncludeObject {
  NONE,
  METADATA,
  OBJECT;

  /// Reads the request's parameter; metadata when it is empty.
  ///
  /// @throws ApiException with BadRequest when it is none of the known
  public static IncludeObject of(String parameter) {
    return switch (parameter) {
      case "", "Metadata" -> METADATA;
      case "None" -> NONE;
      case "Object" -> OBJECT;
      default ->
          throw new ApiException(
              new ApiError.BadRequest(
                  "unrecognized includeObject value: \""
                      + parameter
                      + "\": use None, Metadata or Object"));
    };
  }
}
