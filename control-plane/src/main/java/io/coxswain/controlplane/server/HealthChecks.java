package io.coxswain.controlplane.server;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// What `/livez`, `/readyz` and `/healthz` look at. A check answers at once.
public final class HealthChecks {

  private final Map<String, BooleanSupplier> live = new LinkedHashMap<>();
  private final Map<String, BooleanSupplier> ready = new LinkedHashMap<>();

  public HealthChecks() {
    live("ping", () -> true);
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
    return report("/readyz", java.util.Set.of()).healthy();
  }

  /// @param text a line for each check
  record Report(boolean healthy, String text) {}

  /// @param path `/readyz`, `/livez` or `/healthz`, perhaps with the name of one check behind it
  synchronized Report report(String path, java.util.Set<String> excluded) {
    String[] parts = path.substring(1).split("/", 2);
    Map<String, BooleanSupplier> checks = parts[0].equals("livez") ? live : ready;
    StringBuilder text = new StringBuilder();
    boolean healthy = true;
    for (Map.Entry<String, BooleanSupplier> check : checks.entrySet()) {
      if (parts.length == 2 && !parts[1].equals(check.getKey())) {
        continue;
      }
      if (excluded.contains(check.getKey())) {
        text.append("[+]").append(check.getKey()).append(" excluded: ok\n");
        continue;
      }
      boolean ok = check.getValue().getAsBoolean();
      healthy &= ok;
      text.append(ok ? "[+]" : "[-]").append(check.getKey()).append(ok ? " ok\n" : " failed\n");
    }
    text.append(parts[0]).append(healthy ? " check passed\n" : " check failed\n");
    return new Report(healthy, text.toString());
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
