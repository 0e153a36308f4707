package io.coxswain.node.probe;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/// One GET on a connection of its own, of whose answer only the status counts. Redirects are not
/// followed: the container answered. Some hundred bytes and no thread: a client library would keep
/// pools for what is asked once in ten seconds.
public final class HttpProbe {

  private static final int ANSWER_LIMIT = 10 << 10;

  /// @param name of the header; `Host` replaces the one that the address gives
  public record Header(String name, String value) {}

  private HttpProbe() {}

  /// @return the status code
  /// @throws IOException when there was no answer in time, or none in HTTP
  public static int get(URI uri, List<Header> headers, Duration timeout) throws IOException {
    long deadline = System.nanoTime() + timeout.toNanos();
    boolean tls = uri.getScheme().equals("https");
    int port = uri.getPort() >= 0 ? uri.getPort() : tls ? 443 : 80;
    String host = uri.getHost().replace("[", "").replace("]", "");
    try (Socket plain = new Socket()) {
      plain.connect(new InetSocketAddress(host, port), (int) timeout.toMillis());
      plain.setSoTimeout(left(deadline));
      try (Socket socket = tls ? secure(plain, host, port) : plain) {
        socket.getOutputStream().write(request(uri, headers).getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        return status(socket, deadline);
      }
    }
  }

  private static String request(URI uri, List<Header> headers) {
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    StringBuilder text = new StringBuilder("GET " + path + query + " HTTP/1.1\r\n");
    boolean named = headers.stream().anyMatch(header -> header.name().equalsIgnoreCase("Host"));
    if (!named) {
      text.append("Host: ").append(uri.getRawAuthority()).append("\r\n");
    }
    text.append("User-Agent: kube-probe/1.36\r\nAccept: */*\r\nConnection: close\r\n");
    for (Header header : headers) {
      text.append(clean(header.name())).append(": ").append(clean(header.value())).append("\r\n");
    }
    return text.append("\r\n").toString();
  }

  private static String clean(String text) {
    return text.replaceAll("[\r\n]", " ");
  }

  private static int status(Socket socket, long deadline) throws IOException {
    InputStream in = socket.getInputStream();
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    byte[] buffer = new byte[1024];
    while (answer.size() < ANSWER_LIMIT) {
      socket.setSoTimeout(left(deadline));
      int n = in.read(buffer);
      if (n < 0) {
        break;
      }
      answer.write(buffer, 0, n);
      if (answer.toString(StandardCharsets.ISO_8859_1).contains("\r\n\r\n")) {
        break;
      }
    }
    String text = answer.toString(StandardCharsets.ISO_8859_1);
    if (!text.matches("(?s)HTTP/1\\.[01] [0-9]{3}.*")) {
      throw new IOException("no answer in HTTP");
    }
    return Integer.parseInt(text.substring(9, 12));
  }

  private static int left(long deadline) throws IOException {
    long millis = (deadline - System.nanoTime()) / 1_000_000;
    if (millis <= 0) {
      throw new IOException("no answer in time");
    }
    return (int) millis;
  }

  private static Socket secure(Socket plain, String host, int port) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new AnyCertificate()}, new SecureRandom());
      SSLSocket socket =
          (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true);
      socket.startHandshake();
      return socket;
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS for a probe", e);
    }
  }

  /// A probe asks whether somebody is there, not who: pods make certificates of their own.
  private static final class AnyCertificate implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
