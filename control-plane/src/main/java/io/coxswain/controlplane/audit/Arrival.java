package io.coxswain.controlplane.audit;

import java.time.Instant;
import java.util.List;

/// How a request came to this server.
///
/// @param auditId tells it from all others, also where it is handed on
/// @param uri path and query as sent
/// @param sourceIps whoever handed it on says about earlier hops, and last the connection itself
/// @param received when it was here
public record Arrival(
    String auditId, String uri, String userAgent, List<String> sourceIps, Instant received) {

  private static final int LONGEST_AGENT = 1024;

  public Arrival {
    sourceIps = List.copyOf(sourceIps);
    userAgent =
        userAgent.length() > LONGEST_AGENT
            ? userAgent.substring(0, LONGEST_AGENT) + "...TRUNCATED"
            : userAgent;
  }
}
