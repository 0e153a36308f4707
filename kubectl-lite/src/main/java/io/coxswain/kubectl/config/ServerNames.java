package io.coxswain.kubectl.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/// Whether a certificate is for a host (RFC 9525): by its subject alternative names alone.
final class ServerNames {

  // general names of RFC 5280, 4.2.1.6, as the JDK counts them
  private static final int DNS = 2;
  private static final int ADDRESS = 7;

  private ServerNames() {}

  /// @param host a name, or an address; IPv6 with or without brackets
  /// @throws CertificateException telling for whom it is, when not for the host
  static void check(X509Certificate certificate, String host) throws CertificateException {
    Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
    String mismatch = mismatch(alternatives == null ? List.of() : alternatives, host);
    if (!mismatch.isEmpty()) {
      throw new CertificateException(mismatch);
    }
  }

  /// What is wrong; empty when one of the names is the host's.
  ///
  /// @param alternatives a type and a name each, as the JDK gives them
  static String mismatch(Collection<List<?>> alternatives, String host) {
    String wanted = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    boolean address = isAddress(wanted);
    List<String> names = new ArrayList<>();
    for (List<?> alternative : alternatives) {
      int type = (Integer) alternative.get(0);
      if ((type == DNS || type == ADDRESS) && alternative.get(1) instanceof String name) {
        boolean same =
            type == ADDRESS
                ? address && sameAddress(name, wanted)
                : !address && covers(name, wanted);
        if (same) {
          return "";
        }
        names.add(name);
      }
    }
    return names.isEmpty()
        ? "the server's certificate has no names, so it cannot be told to be for " + wanted
        : "the server's certificate is for " + String.join(", ", names) + ", not for " + wanted;
  }

  private static boolean isAddress(String host) {
    return host.indexOf(':') >= 0 || host.chars().allMatch(c -> (c >= '0' && c <= '9') || c == '.');
  }

  /// Both are addresses, so nobody is asked for a name.
  private static boolean sameAddress(String name, String wanted) {
    try {
      return InetAddress.getByName(name).equals(InetAddress.getByName(wanted));
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /// A star stands for the first label, and for the whole of it.
  private static boolean covers(String name, String wanted) {
    String pattern = withoutDot(name);
    String host = withoutDot(wanted);
    if (!pattern.startsWith("*.")) {
      return pattern.equals(host);
    }
    int dot = host.indexOf('.');
    return dot > 0
        && pattern.indexOf('.', 2) > 0
        && host.substring(dot).equals(pattern.substring(1));
  }

  private static String withoutDot(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }
}
