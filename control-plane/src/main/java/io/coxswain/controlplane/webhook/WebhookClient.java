package io.coxswain.controlplane.webhook;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.coxswain.controlplane.connection.KeptConnections;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Posts JSON to one webhook by HTTP/1.1 over TLS, over connections that are kept for a while. A
/// name and an address may differ, as those of a Service do, which the JDK's own clients do not
/// allow. Answers are bounded, redirects are not followed. Safe for use by many threads.
public final class WebhookClient {

  private static final Logger LOG = LoggerFactory.getLogger(WebhookClient.class);

  private static final int MOST_BODY = 16 * 1024 * 1024;
  private static final int MOST_LINE = 16 * 1024;
  private static final int MOST_HEADERS = 200;
  private static final int MOST_KEPT = 8;
  private static final Duration KEPT = Duration.ofSeconds(30);

  /// A connection, whose reader has what came of the answer.
  private record Connection(Socket plain, SSLSocket socket, BufferedInputStream in)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      plain.close(); // without parting words, for which who does not read would be waited for
    }
  }

  /// The connection was kept, and its other end had closed it: nothing was answered.
  private static final class ClosedMeanwhileException extends IOException {
    private static final long serialVersionUID = 1L;

    ClosedMeanwhileException(IOException cause) {
      super(cause);
    }
  }

  /// @param last whether the server closes the connection behind it
  private record Answer(ByteString body, boolean last) {}

  private final SSLContext tls;
  private final Map<String, String> headers;
  private final Duration patience;
  private final KeptConnections<String, Connection> kept = new KeptConnections<>(MOST_KEPT, KEPT);

  /// @param authorities in PEM, from which the server's certificate must come; empty for those that
  ///   the system trusts
  /// @param patience for a whole call
  /// @throws IOException when the certificates cannot be read
  public WebhookClient(byte[] authorities, Duration patience) throws IOException {
    this(authorities, new KeyManager[0], Map.of(), patience);
  }

  /// @param keys what to show the server when it asks who calls
  /// @param headers sent with each call
  /// @see #WebhookClient(byte[], Duration)
  public WebhookClient(
      byte[] authorities, KeyManager[] keys, Map<String, String> headers, Duration patience)
      throws IOException {
    this.tls = context(authorities, keys);
    this.headers = Map.copyOf(headers);
    this.patience = patience;
  }

  private static SSLContext context(byte[] authorities, KeyManager[] keys) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      if (authorities.length == 0) {
        context.init(keys, null, null);
        return context;
      }
      KeyStore anchors = KeyStore.getInstance("PKCS12");
      anchors.load(null, null);
      int number = 0;
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(authorities))) {
        anchors.setCertificateEntry("ca" + number++, certificate);
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(anchors);
      context.init(keys, factory.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("the webhook's caBundle holds no certificates: " + e.getMessage(), e);
    }
  }

  /// Blocks, no longer than the patience.
  ///
  /// @return the body of an answer from 200 to 206
  /// @throws IOException when nobody answers, or otherwise; with TimeoutException as its cause when
  ///   it takes too long
  public byte[] post(WebhookPlace place, byte[] json) throws IOException {
    IOException last = new IOException("no endpoints available for " + place.name());
    long end = System.nanoTime() + patience.toNanos();
    for (InetSocketAddress address : place.addresses()) {
      try {
        return post(place, address, json, end);
      } catch (ConnectException unreachable) {
        last = unreachable;
      }
    }
    throw last;
  }

  /// Whoever is asked may be asked again when the server ended an idle connection just then.
  private byte[] post(WebhookPlace place, InetSocketAddress address, byte[] json, long end)
      throws IOException {
    String key = place.name() + " " + address.getHostString() + " " + address.getPort();
    Optional<Connection> known = kept.take(key);
    if (known.isPresent()) {
      try {
        return exchange(place, known.get(), key, json, end, true);
      } catch (ClosedMeanwhileException e) {
        LOG.debug("{} is dialled anew: {}", place.name(), e.getMessage());
      }
    }
    return exchange(place, dial(place, address, end), key, json, end, false);
  }

  private Connection dial(WebhookPlace place, InetSocketAddress address, long end)
      throws IOException {
    Socket plain = place.sockets().towards(address);
    try {
      InetSocketAddress resolved =
          address.isUnresolved()
              ? new InetSocketAddress(address.getHostString(), address.getPort())
              : address;
      plain.connect(resolved, millis(end));
      plain.setTcpNoDelay(true);
      SSLSocket socket =
          (SSLSocket) tls.getSocketFactory().createSocket(plain, place.name(), place.port(), true);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
      return new Connection(plain, socket, new BufferedInputStream(socket.getInputStream()));
    } catch (SocketTimeoutException e) {
      plain.close();
      throw late(e, end);
    } catch (IOException | RuntimeException e) {
      plain.close();
      throw e;
    }
  }

  private static int millis(long end) {
    return Math.toIntExact(Math.max(1, (end - System.nanoTime()) / 1_000_000));
  }

  /// @param again whether the connection has served before
  private byte[] exchange(
      WebhookPlace place, Connection connection, String key, byte[] json, long end, boolean again)
      throws IOException {
    // Whoever sends a byte now and then would hold a timeout of each read off for ever.
    Thread watchdog =
        Thread.ofVirtual().name("webhook-deadline").start(() -> cut(connection.plain(), end));
    boolean keep = false;
    try {
      connection.plain().setSoTimeout(millis(end));
      send(place, connection, json, again, end);
      Answer answer = answer(connection.in());
      keep = !answer.last() && connection.in().available() == 0;
      return answer.body().toByteArray();
    } catch (SocketException | SocketTimeoutException | SSLException e) {
      throw late(e, end);
    } finally {
      watchdog.interrupt();
      if (keep) {
        kept.keep(key, connection);
      } else {
        connection.close();
      }
    }
  }

  /// Until the first byte of the answer is there.
  private void send(WebhookPlace place, Connection connection, byte[] json, boolean again, long end)
      throws IOException {
    try {
      OutputStream out = connection.socket().getOutputStream();
      out.write(head(place, json.length));
      out.write(json);
      out.flush();
      connection.in().mark(1);
      if (connection.in().read() < 0) {
        throw new SocketException("the webhook's answer ended early");
      }
      connection.in().reset();
    } catch (SocketException | SSLException e) {
      throw again && System.nanoTime() - end < 0 ? new ClosedMeanwhileException(e) : e;
    }
  }

  private static void cut(Socket socket, long end) {
    try {
      Thread.sleep(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
      socket.close();
    } catch (InterruptedException | IOException done) {
      // answered in time, or closed already
    }
  }

  private static IOException late(IOException e, long end) {
    if (System.nanoTime() - end < 0) {
      return e;
    }
    TimeoutException cause = new TimeoutException("context deadline exceeded");
    cause.addSuppressed(e);
    return new IOException("context deadline exceeded", cause);
  }

  private byte[] head(WebhookPlace place, int length) {
    String host = place.port() == 443 ? place.name() : place.name() + ":" + place.port();
    StringBuilder more = new StringBuilder();
    headers.forEach((name, value) -> more.append("\r\n").append(name).append(": ").append(value));
    return ("POST "
            + place.path()
            + " HTTP/1.1\r\nHost: "
            + host
            + "\r\nUser-Agent: coxswain\r\nAccept: application/json\r\nContent-Type:"
            + " application/json\r\nContent-Length: "
            + length
            + more
            + "\r\n\r\n")
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Answer answer(InputStream in) throws IOException {
    String status = line(in);
    String[] words = status.split(" ", 3);
    long length = -1;
    boolean chunked = false;
    boolean last = !status.startsWith("HTTP/1.1 ");
    String header = line(in);
    for (int i = 0; !header.isEmpty(); i++) {
      if (i == MOST_HEADERS) {
        throw new IOException("the webhook's answer has too many headers");
      }
      String lower = header.toLowerCase(Locale.ROOT);
      String value = lower.substring(lower.indexOf(':') + 1).strip();
      if (lower.startsWith("content-length:") && value.matches("\\d{1,9}")) {
        length = Long.parseLong(value);
      }
      last |= lower.startsWith("connection:") && value.contains("close");
      chunked |= lower.startsWith("transfer-encoding:") && value.endsWith("chunked");
      header = line(in);
    }
    byte[] body = chunked ? chunks(in) : whole(in, length);
    if (words.length < 2 || !words[0].startsWith("HTTP/1.") || !words[1].matches("20[0-6]")) {
      String said = new String(body, 0, Math.min(body.length, 200), StandardCharsets.UTF_8);
      throw new IOException("the webhook answered " + status + ": " + said);
    }
    return new Answer(UnsafeByteOperations.unsafeWrap(body), last || (!chunked && length < 0));
  }

  private static byte[] whole(InputStream in, long length) throws IOException {
    if (length > MOST_BODY) {
      throw tooLarge();
    }
    byte[] body = in.readNBytes(length < 0 ? MOST_BODY + 1 : (int) length);
    if (body.length > MOST_BODY) {
      throw tooLarge();
    }
    if (length >= 0 && body.length < length) {
      throw new IOException("the webhook's answer ended early");
    }
    return body;
  }

  private static byte[] chunks(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      String size = line(in).split(";", 2)[0].strip();
      if (!size.matches("[0-9a-fA-F]{1,7}")) {
        throw new IOException("the webhook's answer is malformed: no size of a chunk: " + size);
      }
      int length = Integer.parseInt(size, 16);
      if (length == 0) {
        passTrailers(in);
        return body.toByteArray();
      }
      if (body.size() + length > MOST_BODY) {
        throw tooLarge();
      }
      byte[] chunk = in.readNBytes(length);
      if (chunk.length < length) {
        throw new IOException("the webhook's answer ended early");
      }
      body.writeBytes(chunk);
      String end = line(in);
      if (!end.isEmpty()) {
        throw new IOException("the webhook's answer is malformed behind a chunk");
      }
    }
  }

  private static void passTrailers(InputStream in) throws IOException {
    for (int i = 0; !line(in).isEmpty(); i++) {
      if (i == MOST_HEADERS) {
        throw new IOException("the webhook's answer has too many headers");
      }
    }
  }

  private static IOException tooLarge() {
    return new IOException("the webhook's answer has more than " + MOST_BODY + " bytes");
  }

  /// Up to the end of a line, which is not part of it.
  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    int c;
    while ((c = in.read()) != '\n') {
      if (c < 0) {
        throw new IOException("the webhook's answer ended early");
      }
      if (line.length() == MOST_LINE) {
        throw new IOException("the webhook's answer has a line that is too long");
      }
      line.append((char) c);
    }
    int end = line.length();
    return end > 0 && line.charAt(end - 1) == '\r' ? line.substring(0, end - 1) : line.toString();
  }
}
