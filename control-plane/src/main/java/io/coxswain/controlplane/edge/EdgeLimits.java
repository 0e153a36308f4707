package io.coxswain.controlplane.edge;

import java.time.Duration;

/// Bounds on what one client can make the server hold.
///
/// @param bodyBytes of one request
/// @param headerBytes of one request, all headers together
/// @param streams requests at once on one HTTP/2 connection
/// @param connections open at once; more are closed as they come
/// @param request from the end of one request to the arrival of the whole next one on a connection:
///   covers idle connections and senders of a byte a second alike
/// @param write how long a reader may take to make room for the next part of an answer
/// @param writeBytes of an answer under way to the reader before the writer waits
/// @param drain how long requests may go on when the server closes
public record EdgeLimits(
    int bodyBytes,
    int headerBytes,
    int streams,
    int connections,
    Duration request,
    Duration write,
    long writeBytes,
    Duration drain) {

  public static final EdgeLimits DEFAULT =
      new EdgeLimits(
          3 << 20,
          64 << 10,
          250,
          20_000,
          Duration.ofSeconds(90),
          Duration.ofSeconds(30),
          512 << 10,
          Duration.ofSeconds(5));
}
