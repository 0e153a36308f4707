package io.coxswain.controlplane.server;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/// What `/livez`, `/readyz` and `/healthz` look at, by Kubernetes' names. Checks run one after the
/// other on the thread of who asks, so each answers within a second or two.
public final class HealthChecks {

  private final Map<String, BooleanSupplier> live = new LinkedHashMap<>();
  private final Map<String, BooleanSupplier> ready = new LinkedHashMap<>();

  private final HealthFigures figures = new HealthFigures();

  public HealthChecks() {
    live("ping", () -> true);
    live("log", () -> true); // that this is answered at all is all that is known of it
  }

  /// Steps of the start, as `/readyz/poststarthook/NAME`. Who asks while one is not done finds it
  /// failed.
  public synchronized HealthChecks hooks(BooleanSupplier done, List<String> names) {
    names.forEach(name -> live("poststarthook/" + name, done));
    return this;
  }

  /// How checks came out so far, for `/metrics/slis`.
  String figures() {
    return figures.text();
  }

  /// Something without which the process should be restarted.
  public synchronized HealthChecks live(String name, BooleanSupplier check) {
    live.put(name, check);
    ready.put(name, check);
    return this;
  }

  /// Something without which requests should go elsewhere.
  public synchronized HealthChecks ready(String name, BooleanSupplier check) {
    ready.put(name, check);
    return this;
  }

  public boolean isReady() {
    return report("/readyz", Set.of()).health() == Health.HEALTHY;
  }

  enum Health {
    HEALTHY,
    FAILED,
    UNKNOWN_CHECK
  }

  /// @param text a line for each check
  record Report(Health health, String text) {}

  /// @param path `/readyz`, `/livez` or `/healthz`, perhaps with the name of one check behind it
  Report report(String path, Set<String> excluded) {
    String[] parts = path.substring(1).split("/", 2);
    Map<String, BooleanSupplier> checks = checks(parts[0]);
    if (parts.length == 2) {
      BooleanSupplier check = checks.get(parts[1]);
      if (check == null) {
        return new Report(Health.UNKNOWN_CHECK, "");
      }
      checks = Map.of(parts[1], check);
    }
    StringBuilder text = new StringBuilder();
    boolean healthy = true;
    for (Map.Entry<String, BooleanSupplier> check : checks.entrySet()) {
      if (excluded.contains(check.getKey())) {
        text.append("[+]").append(check.getKey()).append(" excluded: ok\n");
        continue;
      }
      boolean ok = check.getValue().getAsBoolean();
      figures.checked(check.getKey(), parts[0], ok);
      healthy &= ok;
      // Nobody needs to prove who they are to read this: why it failed stands in the log.
      text.append(ok ? "[+]" : "[-]").append(check.getKey());
      text.append(ok ? " ok\n" : " failed: reason withheld\n");
    }
    Set<String> unknown = new TreeSet<>(excluded);
    unknown.removeAll(checks.keySet());
    if (!unknown.isEmpty()) {
      text.append("warn: some health checks cannot be excluded: no matches for ");
      text.append(String.join(", ", unknown)).append('\n');
    }
    text.append(parts[0]).append(healthy ? " check passed\n" : " check failed\n");
    return new Report(healthy ? Health.HEALTHY : Health.FAILED, text.toString());
  }

  /// A copy: a slow check holds up nobody who asks for another.
  private synchronized Map<String, BooleanSupplier> checks(String endpoint) {
    return new LinkedHashMap<>(endpoint.equals("livez") ? live : ready);
  }

  static boolean covers(String path) {
    return path.equals("/livez")
        || path.equals("/readyz")
        || path.equals("/healthz")
        || path.startsWith("/livez/")
        || path.startsWith("/readyz/")
        || path.startsWith("/healthz/");
  }
}
