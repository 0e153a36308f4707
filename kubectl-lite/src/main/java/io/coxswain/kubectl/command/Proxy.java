package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import io.coxswain.kubectl.proxy.ApiProxy;
import io.coxswain.kubectl.proxy.ProxyFilter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/// `proxy`: the API server at an address of this machine, with your rights, for programs that
/// cannot sign in.
final class Proxy implements Command {

  @Override
  public String name() {
    return "proxy";
  }

  @Override
  public String summary() {
    return "serve the API on this machine, with your rights";
  }

  @Override
  public String examples() {
    return """
    kubectl-lite proxy --port=8011
    kubectl-lite proxy --port=0 --api-prefix=/k8s-api
    kubectl-lite proxy --unix-socket=/tmp/api.sock\
    """;
  }

  @Override
  public Options declare(Options options) {
    return options
        .value("port", 'p', "8001", "the port to listen on; 0 for any that is free")
        .value("address", ' ', "127.0.0.1", "the address to listen on")
        .value("unix-socket", 'u', "", "a socket to listen on instead")
        .value("api-prefix", ' ', "/", "what the API's paths begin with here")
        .value(
            "accept-hosts",
            ' ',
            "^localhost$,^127\\.0\\.0\\.1$,^\\[::1\\]$",
            "names in Host that are served: regular expressions with commas between")
        .value("accept-paths", ' ', "^.*", "paths that are served")
        .value(
            "reject-paths",
            ' ',
            "^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach",
            "paths that are not")
        .value("reject-methods", ' ', "^$", "methods that are not served")
        .toggle("disable-filter", ' ', "serve everything: any web page may then use your rights");
  }

  @Override
  public int run(Session session) {
    Options options = session.options();
    if (options.isGiven("unix-socket") && options.isGiven("port")) {
      throw new Failure("error: cannot set --unix-socket and --port at the same time");
    }
    boolean all = options.isSet("disable-filter");
    if (all && !options.isGiven("unix-socket")) {
      session
          .err()
          .println(
              "Request filter disabled, your proxy is vulnerable to XSRF attacks, please be"
                  + " cautious");
    }
    ProxyFilter filter =
        new ProxyFilter(
            ProxyFilter.patterns(all ? ".*" : options.text("accept-hosts")),
            ProxyFilter.patterns(all ? ".*" : options.text("accept-paths")),
            ProxyFilter.patterns(all ? "^$" : options.text("reject-paths")),
            ProxyFilter.patterns(all ? "^$" : options.text("reject-methods")));
    ApiProxy proxy = new ApiProxy(session.api(), filter, prefix(options.text("api-prefix")));
    try (ServerSocketChannel listener = listen(session)) {
      session.out().println("Starting to serve on " + told(listener));
      session.out().flush();
      proxy.serve(listener);
      return 0;
    } catch (IOException e) {
      throw new Failure("error: " + e.getMessage());
    }
  }

  private static String prefix(String text) {
    String begin = text.startsWith("/") ? text : "/" + text;
    return begin.endsWith("/") ? begin : begin + "/";
  }

  private static ServerSocketChannel listen(Session session) throws IOException {
    Options options = session.options();
    if (options.find("unix-socket").isPresent()) {
      Path file = session.world().folder().resolve(options.text("unix-socket"));
      if (Files.exists(file) && Files.readAttributes(file, BasicFileAttributes.class).isOther()) {
        Files.delete(file); // left by one that was killed; a file that is none stays
      }
      ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      listener.bind(UnixDomainSocketAddress.of(file));
      return listener;
    }
    int port = (int) options.number("port");
    ServerSocketChannel listener = ServerSocketChannel.open();
    try {
      listener.bind(new InetSocketAddress(InetAddress.getByName(options.text("address")), port));
      return listener;
    } catch (IOException e) {
      listener.close();
      throw new IOException(
          "listen tcp " + options.text("address") + ":" + port + ": bind: " + e.getMessage(), e);
    }
  }

  private static String told(ServerSocketChannel listener) throws IOException {
    return listener.getLocalAddress() instanceof InetSocketAddress address
        ? address.getAddress().getHostAddress() + ":" + address.getPort()
        : listener.getLocalAddress().toString();
  }
}
