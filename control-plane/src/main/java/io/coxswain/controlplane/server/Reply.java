package io.coxswain.controlplane.server;

import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.Status;
import io.coxswain.api.meta.v1.StatusDetails;
import io.coxswain.client.ApiError;
import io.coxswain.client.rpc.Statuses;
import io.coxswain.controlplane.audit.Trail;
import io.coxswain.controlplane.edge.Exchange;
import io.coxswain.controlplane.edge.Query;
import io.coxswain.controlplane.fairness.Flow;
import io.coxswain.controlplane.registry.Listing;
import io.coxswain.controlplane.server.Negotiation.Format;
import io.coxswain.controlplane.server.Negotiation.View;
import io.coxswain.controlplane.table.IncludeObject;
import io.coxswain.controlplane.table.Tables;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.controlplane.websocket.MessageSocket;
import io.coxswain.controlplane.websocket.WebSocketUpgrade;
import io.coxswain.schema.ResourceType;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The answer to one request, in the form that its headers and query ask for.
final class Reply {

  private final Exchange exchange;
  private final Encoder encoder;
  private final Tables tables;
  private final Map<String, String> headers = new LinkedHashMap<>();
  private Query query = Query.EMPTY;
  private Runnable opened = () -> {};
  private volatile Trail trail = Trail.NONE;

  Reply(Exchange exchange, Encoder encoder, Tables tables, String auditId) {
    this.exchange = exchange;
    this.encoder = encoder;
    this.tables = tables;
    headers.put("audit-id", auditId);
    headers.put("cache-control", "no-cache, private");
  }

  /// What the request asks for behind its path, once that is known to be well formed.
  void asked(Query parameters) {
    query = parameters;
  }

  /// What the audit log is told of the request; nothing before it is known who sends it.
  Trail trail() {
    return trail;
  }

  void follow(Trail followed) {
    trail = followed;
  }

  Exchange exchange() {
    return exchange;
  }

  Encoder encoder() {
    return encoder;
  }

  Tables tables() {
    return tables;
  }

  /// Those that every answer has so far.
  Map<String, String> headers() {
    return Map.copyOf(headers);
  }

  /// Tells by which rules of fairness the request was let in or not.
  void in(Flow flow) {
    headers.put("x-kubernetes-pf-flowschema-uid", flow.schemaUid());
    headers.put("x-kubernetes-pf-prioritylevel-uid", flow.levelUid());
  }

  /// Runs the action when an answer that goes on has begun.
  void whenOpened(Runnable action) {
    opened = action;
  }

  /// Adds a `Warning` for the user, who sees it in the terminal.
  void warn(List<String> warnings) {
    if (warnings.isEmpty()) {
      return;
    }
    StringBuilder value = new StringBuilder(headers.getOrDefault("warning", ""));
    for (String warning : warnings) {
      if (value.length() > 3000) {
        break; // clients refuse answers with very large headers
      }
      value.append(value.isEmpty() ? "" : ", ").append("299 - \"").append(quotable(warning));
      value.append('"');
    }
    headers.put("warning", value.toString());
  }

  private static String quotable(String text) {
    StringBuilder safe = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        safe.append('\\').append(c);
      } else {
        safe.append(c < ' ' || c > '~' ? '?' : c);
      }
    }
    return safe.toString();
  }

  /// What a write left.
  void written(
      int status,
      Negotiation form,
      ResourceType<?> type,
      CachedObject object,
      IncludeObject include)
      throws IOException {
    if (form.view() == View.WHOLE) {
      whole(status, form, object, encoder.object(object, form.format(), pretty()));
    } else {
      object(status, form, type, object.message(), include);
    }
  }

  void read(Negotiation form, ResourceType<?> type, CachedObject object, IncludeObject include)
      throws IOException {
    if (form.view() == View.WHOLE) {
      whole(200, form, object, encoder.read(object, form.format(), pretty()));
    } else {
      object(200, form, type, object.message(), include);
    }
  }

  private void whole(int status, Negotiation form, CachedObject object, byte[] encoded)
      throws IOException {
    if (!exchange.isAnswered()) {
      trail.response(object::storedSize, object::message);
    }
    bytes(status, form.format(), encoded);
  }

  void object(
      int status, Negotiation form, ResourceType<?> type, Message object, IncludeObject include)
      throws IOException {
    Message shown =
        switch (form.view()) {
          case WHOLE -> object;
          case METADATA -> Encoder.metadata(object);
          case TABLE -> tables.of(type, object, include, true);
        };
    message(status, form.format(), shown);
  }

  void message(int status, Format format, Message message) throws IOException {
    tell(message);
    bytes(status, format, encoder.message(message, format, pretty()));
  }

  /// What comes after an answer is nobody's.
  private void tell(Message answer) {
    if (!exchange.isAnswered()) {
      trail.response(answer);
    }
  }

  void list(Negotiation form, ResourceType<?> type, Listing listing, IncludeObject include)
      throws IOException {
    trail.response(
        () -> size(listing),
        () ->
            switch (form.view()) {
              case WHOLE -> Encoder.listMessage(type, listing);
              case METADATA -> Encoder.metadata(listing);
              case TABLE -> tables.of(type, listing, include);
            });
    headers.put("content-type", form.format().mediaType());
    // Closed only when it is whole: closing sends it, and half a list would pass for all of it.
    AnswerStream out = new AnswerStream(exchange, 200, headers, AnswerStream.acceptsGzip(exchange));
    switch (form.view()) {
      case WHOLE -> encoder.list(type, listing, form.format(), pretty(), out);
      case METADATA -> encoder.message(Encoder.metadata(listing), form.format(), pretty(), out);
      case TABLE ->
          encoder.message(tables.of(type, listing, include), form.format(), pretty(), out);
    }
    out.close();
  }

  /// About how many bytes it has.
  static long size(Listing listing) {
    return listing.items().stream().mapToLong(item -> item.message().getSerializedSize()).sum();
  }

  void error(ApiError error, RequestInfo request) throws IOException {
    if (error instanceof ApiError.TooManyRequests busy) {
      headers.put("retry-after", Long.toString(Math.max(1, busy.retryAfter().toSeconds())));
    }
    if (error instanceof ApiError.Unauthorized) {
      headers.put("www-authenticate", "Bearer realm=\"coxswain\"");
    }
    Status status = Statuses.of(error);
    boolean aboutResource =
        error instanceof ApiError.Forbidden || error instanceof ApiError.MethodNotAllowed;
    if (aboutResource && request.isResource()) {
      StatusDetails.Builder details = about(request).toBuilder();
      details.addAllCauses(status.getDetails().getCausesList());
      status = status.toBuilder().setDetails(details).build();
    }
    Format format = Negotiation.forError(exchange.header("accept")).format();
    message(status.getCode(), format, status);
  }

  /// What the request was about, where the error itself does not say.
  private static StatusDetails about(RequestInfo request) {
    return StatusDetails.newBuilder()
        .setName(request.name())
        .setGroup(request.group())
        .setKind(request.resource())
        .build();
  }

  void json(int status, byte[] body) throws IOException {
    bytes(status, Format.JSON, pretty() ? encoder.indent(body) : body);
  }

  void text(int status, String body) throws IOException {
    headers.put("content-type", "text/plain; charset=utf-8");
    headers.put("x-content-type-options", "nosniff");
    exchange.respond(status, headers, Encoder.utf8(body));
  }

  void typed(int status, String contentType, byte[] body) throws IOException {
    headers.put("content-type", contentType);
    if (body.length <= AnswerStream.SMALL || !AnswerStream.acceptsGzip(exchange)) {
      // as it is, without a copy: many may ask for the same at once, and not read it
      exchange.respond(status, headers, body);
      return;
    }
    try (OutputStream out = new AnswerStream(exchange, status, headers, true)) {
      out.write(body);
    }
  }

  /// Begins an answer that goes on piece by piece.
  void open(String contentType) throws IOException {
    headers.put("content-type", contentType);
    exchange.open(200, headers);
    opened.run();
  }

  /// Begins an answer that goes on by messages.
  MessageSocket socket() throws IOException, InterruptedException {
    List<String> offered = WebSocketUpgrade.offered(exchange);
    MessageSocket socket =
        MessageSocket.accept(exchange, offered.isEmpty() ? "" : offered.getFirst(), headers);
    opened.run();
    return socket;
  }

  private void bytes(int status, Format format, byte[] body) throws IOException {
    typed(status, format.mediaType(), body);
  }

  /// As Kubernetes has it: when asked to, and by default for people with curl.
  private boolean pretty() {
    if (query.has("pretty")) {
      return query.flag("pretty");
    }
    String agent = exchange.header("user-agent");
    return agent.startsWith("curl") || agent.startsWith("Wget") || agent.startsWith("Mozilla/5.0");
  }

  static boolean isTable(Negotiation form) {
    return form.view() == View.TABLE;
  }
}
