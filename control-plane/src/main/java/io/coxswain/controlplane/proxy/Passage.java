package io.coxswain.controlplane.proxy;

import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// How one request is handed on.
///
/// @param target path and query that the server is asked for
/// @param headers that it gets, without those of one connection
/// @param links how links of the answer are rewritten, if they are
/// @param redirects whether an answer may lead elsewhere
/// @param silence how long the server may say nothing
/// @param added headers that the answer gets where the server set none
public record Passage(
    String target,
    HttpHeaders headers,
    Optional<Links> links,
    boolean redirects,
    Duration silence,
    Map<String, String> added) {}
