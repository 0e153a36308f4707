package io.coxswain.node.dns;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodDNSConfigOption;
import io.coxswain.api.core.v1.PodSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The content of a resolv.conf(5). Pure.
///
/// @param options name → value, which is empty where the option has none
public record ResolvConf(
    List<String> nameservers, List<String> searches, Map<String, String> options) {

  public static final ResolvConf EMPTY = new ResolvConf(List.of(), List.of(), Map.of());

  /// What resolvers read at most.
  private static final int MOST_NAMESERVERS = 3;

  private static final int MOST_SEARCHES = 32;
  private static final int MOST_SEARCH_CHARACTERS = 2048;

  public ResolvConf {
    nameservers = List.copyOf(nameservers);
    searches = List.copyOf(searches);
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }

  /// Lines that it does not know are left out.
  public static ResolvConf parse(String text) {
    List<String> nameservers = new ArrayList<>();
    List<String> searches = new ArrayList<>();
    Map<String, String> options = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      String[] words = line.replaceAll("[#;].*", "").strip().split("\\s+");
      List<String> values = Arrays.asList(words).subList(1, words.length);
      switch (words[0]) {
        case "nameserver" -> values.stream().limit(1).forEach(nameservers::add);
        // The last of these lines holds.
        case "search", "domain" -> {
          searches.clear();
          searches.addAll(values);
        }
        case "options" -> values.forEach(option -> put(options, option));
        default -> {}
      }
    }
    return new ResolvConf(nameservers, searches, options);
  }

  private static void put(Map<String, String> options, String option) {
    int colon = option.indexOf(':');
    if (colon < 0) {
      options.put(option, "");
    } else {
      options.put(option.substring(0, colon), option.substring(colon + 1));
    }
  }

  /// What a pod gets, by its `dnsPolicy` and `dnsConfig`.
  ///
  /// @param host the node's own
  /// @param clusterDns address of the cluster's name service
  /// @param clusterDomain as `cluster.local`
  public static ResolvConf of(Pod pod, ResolvConf host, String clusterDns, String clusterDomain) {
    PodSpec spec = pod.getSpec();
    ResolvConf base =
        switch (spec.getDnsPolicy()) {
          case "None" -> EMPTY;
          case "Default" -> host;
          case "ClusterFirstWithHostNet" ->
              cluster(pod.getMetadata().getNamespace(), host, clusterDns, clusterDomain);
          default ->
              spec.getHostNetwork()
                  ? host
                  : cluster(pod.getMetadata().getNamespace(), host, clusterDns, clusterDomain);
        };
    return base.with(spec);
  }

  private static ResolvConf cluster(
      String namespace, ResolvConf host, String clusterDns, String clusterDomain) {
    Set<String> searches = new LinkedHashSet<>();
    searches.add("%s.svc.%s".formatted(namespace, clusterDomain));
    searches.add("svc." + clusterDomain);
    searches.add(clusterDomain);
    searches.addAll(host.searches);
    return new ResolvConf(List.of(clusterDns), List.copyOf(searches), Map.of("ndots", "5"));
  }

  private ResolvConf with(PodSpec spec) {
    Set<String> servers = new LinkedHashSet<>(nameservers);
    servers.addAll(spec.getDnsConfig().getNameserversList());
    Set<String> domains = new LinkedHashSet<>(searches);
    domains.addAll(spec.getDnsConfig().getSearchesList());
    Map<String, String> all = new LinkedHashMap<>(options);
    for (PodDNSConfigOption option : spec.getDnsConfig().getOptionsList()) {
      all.put(option.getName(), option.getValue());
    }
    return new ResolvConf(servers.stream().limit(MOST_NAMESERVERS).toList(), fitting(domains), all);
  }

  private static List<String> fitting(Set<String> domains) {
    List<String> fitting = new ArrayList<>();
    int characters = 0;
    for (String domain : domains) {
      characters += domain.length() + 1;
      if (fitting.size() == MOST_SEARCHES || characters > MOST_SEARCH_CHARACTERS) {
        break;
      }
      fitting.add(domain);
    }
    return fitting;
  }

  /// The file's text.
  public String text() {
    StringBuilder text = new StringBuilder();
    if (!searches.isEmpty()) {
      text.append("search ").append(String.join(" ", searches)).append('\n');
    }
    nameservers.forEach(server -> text.append("nameserver ").append(server).append('\n'));
    if (!options.isEmpty()) {
      List<String> words = new ArrayList<>();
      options.forEach((name, value) -> words.add(value.isEmpty() ? name : name + ":" + value));
      text.append("options ").append(String.join(" ", words)).append('\n');
    }
    return text.toString();
  }
}
