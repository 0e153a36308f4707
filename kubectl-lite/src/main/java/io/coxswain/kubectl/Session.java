package io.coxswain.kubectl;

import io.coxswain.kubectl.command.Command;
import io.coxswain.kubectl.config.Chosen;
import io.coxswain.kubectl.config.Kubeconfig;
import io.coxswain.kubectl.config.KubeconfigPlaces;
import io.coxswain.kubectl.config.Tls;
import io.coxswain.kubectl.http.Api;
import io.coxswain.kubectl.resource.Discovery;
import io.coxswain.kubectl.resource.KeptAnswer;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// What every command works with: its options, the world around it, and the cluster, which is
/// looked for when it is first needed.
public final class Session implements AutoCloseable {

  /// The world around a command; tests give their own.
  ///
  /// @param terminal whether what is written to `out` is shown to a person as it is
  public record World(
      InputStream in,
      PrintStream out,
      PrintStream err,
      Map<String, String> environment,
      Path folder,
      Clock clock,
      BooleanSupplier terminal) {

    /// Without a terminal.
    public World(
        InputStream in,
        PrintStream out,
        PrintStream err,
        Map<String, String> environment,
        Path folder,
        Clock clock) {
      this(in, out, err, environment, folder, clock, () -> false);
    }
  }

  private final World world;
  private final Options options;
  private @Nullable Kubeconfig kubeconfig;
  private @Nullable Api api;
  private @Nullable Discovery discovery;

  public Session(World world, Options options) {
    this.world = world;
    this.options = options;
  }

  /// The options that every command knows.
  static Options global(Options options) {
    return options
        .value("kubeconfig", ' ', "", "path of the kubeconfig file")
        .value("context", ' ', "", "name of the kubeconfig context")
        .value("cluster", ' ', "", "name of the kubeconfig cluster, instead of the context's")
        .value("user", ' ', "", "name of the kubeconfig user, instead of the context's")
        .value("namespace", 'n', "", "the namespace to work in")
        .value("server", 's', "", "address of the API server, instead of the kubeconfig's")
        .value("token", ' ', "", "bearer token, instead of the kubeconfig's")
        .value(
            "request-timeout",
            ' ',
            "30s",
            "how long to wait for an answer, as 5s or 2m; 0 for ever")
        .toggle("insecure-skip-tls-verify", ' ', "do not check the server's certificate")
        .value("tls-server-name", ' ', "", "whom the server's certificate has to be for")
        .value("certificate-authority", ' ', "", "file with the authority's certificate")
        .value("client-certificate", ' ', "", "file with the client's certificate")
        .value("client-key", ' ', "", "file with the client's key")
        .value("as", ' ', "", "act as this user; who asks needs the right to")
        .repeated("as-group", ' ', "act as a member of this group; may be given several times")
        .value("as-uid", ' ', "", "act as the user with this UID")
        .toggle("warnings-as-errors", ' ', "fail when the server sends a warning")
        .toggle("help", 'h', "what the command does and its options");
  }

  /// All options of a command; those that every command knows when there is none.
  public static Options options(@Nullable Command command) {
    return global(command == null ? new Options() : command.declare(new Options()));
  }

  public World world() {
    return world;
  }

  public Options options() {
    return options;
  }

  /// Begins on what takes long where the cluster is surely reached by TLS.
  void prepare() {
    if (options.isGiven("server")
        || options.isGiven("token")
        || options.isGiven("client-certificate")
        || !Kubeconfig.mayBeLocal(options.text("kubeconfig"), world.environment())) {
      Tls.prepare();
    }
  }

  /// The kubeconfig files as they can be shown and changed.
  public KubeconfigPlaces places() {
    return KubeconfigPlaces.of(options.text("kubeconfig"), world.environment());
  }

  public PrintStream out() {
    return world.out();
  }

  public PrintStream err() {
    return world.err();
  }

  public Kubeconfig kubeconfig() {
    if (kubeconfig == null) {
      kubeconfig = Kubeconfig.load(options.text("kubeconfig"), world.environment());
    }
    return kubeconfig;
  }

  public Api api() {
    if (api == null) {
      Kubeconfig.Target target = kubeconfig().target(chosen());
      api =
          new Api(
              target,
              Durations.parse(options.text("request-timeout"), "request-timeout"),
              Impersonation.of(options),
              this::warn);
    }
    return api;
  }

  private Chosen chosen() {
    return new Chosen(
        options.text("context"),
        options.text("cluster"),
        options.text("user"),
        options.text("server"),
        options.text("token"),
        options.isSet("insecure-skip-tls-verify"),
        options.text("tls-server-name"),
        file("certificate-authority"),
        file("client-certificate"),
        file("client-key"));
  }

  private String file(String option) {
    return options
        .find(option)
        .map(name -> world.folder().resolve(name).toAbsolutePath().toString())
        .orElse("");
  }

  private void warn(String warning) {
    world.err().println("Warning: " + warning);
    if (options.isSet("warnings-as-errors")) {
      throw new Failure("error: 1 warning received");
    }
  }

  public Discovery discovery() {
    if (discovery == null) {
      discovery = new Discovery(api(), kept(""));
    }
    return discovery;
  }

  /// Where an answer of this server is kept for the commands to come.
  public KeptAnswer kept(String what) {
    String cache = world.environment().getOrDefault("XDG_CACHE_HOME", "");
    Path folder =
        cache.isEmpty()
            ? Path.of(world.environment().getOrDefault("HOME", "/tmp"), ".cache")
            : Path.of(cache);
    return KeptAnswer.in(
        folder.resolve("kubectl-lite"), api().target().server(), what, world.clock());
  }

  /// The namespace named on the command line, or the context's.
  public String namespace() {
    return options.find("namespace").orElseGet(() -> api().target().namespace());
  }

  @Override
  public void close() {
    if (api != null) {
      api.close();
    }
  }

  /// Durations as Go writes them.
  public static final class Durations {
    private Durations() {}

    /// @throws Failure when it is none; `0` and a bare number of seconds are understood
    public static Duration parse(String text, String option) {
      long millis = 0;
      int at = 0;
      while (at < text.length()) {
        int end = at;
        while (end < text.length()
            && (Character.isDigit(text.charAt(end)) || text.charAt(end) == '.')) {
          end++;
        }
        int unitEnd = end;
        while (unitEnd < text.length() && Character.isLetter(text.charAt(unitEnd))) {
          unitEnd++;
        }
        long unit =
            switch (text.substring(end, unitEnd)) {
              case "ms" -> 1;
              case "s", "" -> 1_000;
              case "m" -> 60_000;
              case "h" -> 3_600_000;
              default -> -1;
            };
        if (end == at || unit < 0) {
          throw new Failure(
              "error: invalid argument \""
                  + text
                  + "\" for --"
                  + option
                  + ": it takes a duration, as 30s, 5m or 1h");
        }
        millis += (long) (Double.parseDouble(text.substring(at, end)) * unit);
        at = unitEnd;
      }
      return Duration.ofMillis(millis);
    }
  }
}
