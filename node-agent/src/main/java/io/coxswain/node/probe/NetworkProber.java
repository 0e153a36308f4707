package io.coxswain.node.probe;

import io.coxswain.api.core.v1.ContainerPort;
import io.coxswain.api.core.v1.GRPCAction;
import io.coxswain.api.core.v1.HTTPGetAction;
import io.coxswain.api.core.v1.HTTPHeader;
import io.coxswain.api.core.v1.ProbeHandler;
import io.coxswain.api.intstr.IntOrString;
import io.coxswain.node.runtime.PodRuntime;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;

/// Asks over the node's network, or by a program in the container.
public final class NetworkProber implements Prober {

  private static final int MESSAGE_LIMIT = 1024;

  private final PodRuntime runtime;

  public NetworkProber(PodRuntime runtime) {
    this.runtime = runtime;
  }

  @Override
  public Answer ask(ProbeTarget target, ProbeHandler handler, Duration timeout)
      throws InterruptedException, IOException {
    if (handler.hasHttpGet()) {
      return http(target, handler.getHttpGet(), timeout);
    }
    if (handler.hasTcpSocket()) {
      String host = handler.getTcpSocket().getHost();
      return tcp(
          host.isEmpty() ? target.address() : host,
          port(target, handler.getTcpSocket().getPort()),
          timeout);
    }
    if (handler.hasExec()) {
      return exec(target, handler.getExec().getCommandList(), timeout);
    }
    if (handler.hasGrpc()) {
      return grpc(target, handler.getGrpc(), timeout);
    }
    return Answer.failed("the probe names no way of asking");
  }

  private static Answer http(ProbeTarget target, HTTPGetAction action, Duration timeout)
      throws IOException, InterruptedException {
    String host = action.getHost().isEmpty() ? target.address() : action.getHost();
    boolean tls = action.getScheme().equals("HTTPS");
    try {
      List<HttpProbe.Header> headers =
          action.getHttpHeadersList().stream()
              .map((HTTPHeader header) -> new HttpProbe.Header(header.getName(), header.getValue()))
              .toList();
      String path = action.getPath().isEmpty() ? "/" : action.getPath();
      URI uri =
          new URI(
              (tls ? "https://" : "http://")
                  + (host.contains(":") ? "[" + host + "]" : host)
                  + ":"
                  + port(target, action.getPort())
                  + (path.startsWith("/") ? path : "/" + path));
      int status = HttpProbe.get(uri, headers, timeout);
      return status >= 200 && status < 400
          ? Answer.OK
          : Answer.failed("HTTP probe failed with statuscode: " + status);
    } catch (URISyntaxException e) {
      return Answer.failed("the probe's path is no URL: " + e.getMessage());
    }
  }

  private static Answer tcp(String host, int port, Duration timeout) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), (int) timeout.toMillis());
      return Answer.OK;
    }
  }

  private Answer exec(ProbeTarget target, List<String> command, Duration timeout)
      throws IOException, InterruptedException {
    PodRuntime.ExecResult result = runtime.exec(target.record(), command, timeout);
    String said = (result.out() + result.err()).strip();
    return result.exit() == 0
        ? Answer.OK
        : Answer.failed(said.length() <= MESSAGE_LIMIT ? said : said.substring(0, MESSAGE_LIMIT));
  }

  private static Answer grpc(ProbeTarget target, GRPCAction action, Duration timeout)
      throws IOException {
    return GrpcProbe.check(target.address(), action.getPort(), action.getService(), timeout);
  }

  /// A number, or the name of one of the container's ports.
  static int port(ProbeTarget target, IntOrString port) throws IOException {
    if (port.getStrVal().isEmpty()) {
      return port.getIntVal();
    }
    for (ContainerPort one : target.container().getPortsList()) {
      if (one.getName().equals(port.getStrVal())) {
        return one.getContainerPort();
      }
    }
    if (port.getStrVal().matches("[0-9]{1,5}")) {
      return Integer.parseInt(port.getStrVal());
    }
    throw new IOException(
        "container \"%s\" has no port named \"%s\""
            .formatted(target.container().getName(), port.getStrVal()));
  }
}
