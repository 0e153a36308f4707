package io.coxswain.node.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Which of the host's `/etc` a container of `host:///` sees: what programs need and the
/// configuration of installed packages, as far as any user of the host may read it. Not: what only
/// root or a service may read, what an administrator put beside packages, how the host itself logs
/// in, boots and connects, and anything that looks like a key. When in doubt a file is left out: a
/// pod can bring it as a ConfigMap or Secret.
final class HostConfiguration {

  private static final int MAX_FILES = 20_000;
  private static final long MAX_FILE_BYTES = 8 << 20;

  /// Needed by the C library, TLS, shells and language runtimes, whoever owns them.
  private static final Set<String> NEEDED =
      Set.of(
          "alternatives",
          "bash.bashrc",
          "bindresvport.blacklist",
          "ca-certificates",
          "ca-certificates.conf",
          "crypto-policies",
          "debian_version",
          "ethertypes",
          "gai.conf",
          "group",
          "host.conf",
          "inputrc",
          "ld.so.cache",
          "ld.so.conf",
          "ld.so.conf.d",
          "locale.alias",
          "locale.conf",
          "localtime",
          "login.defs",
          "lsb-release",
          "magic",
          "mime.types",
          "networks",
          "nsswitch.conf",
          "os-release",
          "passwd",
          "pki",
          "profile",
          "profile.d",
          "protocols",
          "redhat-release",
          "rpc",
          "services",
          "shells",
          "ssl",
          "system-release",
          "terminfo",
          "timezone",
          "xattr.conf");

  /// Of the host itself or likely to hold secrets, whatever their permissions say.
  private static final Set<String> NEVER =
      Set.of(
          "NetworkManager",
          "aliases",
          "anacrontab",
          "apt",
          "at.deny",
          "audit",
          "ceph",
          "chrony",
          "cloud",
          "cni",
          "containerd",
          "containers",
          "coxswain",
          "credstore",
          "credstore.encrypted",
          "cron.d",
          "cron.daily",
          "cron.hourly",
          "cron.monthly",
          "cron.weekly",
          "cron.yearly",
          "crontab",
          "crypttab",
          "dbus-1",
          "default",
          "dhcp",
          "docker",
          "docker-registry",
          "dpkg",
          "environment",
          "environment.d",
          "etcd",
          "exports",
          "fstab",
          "grub.d",
          "gshadow",
          "hostname",
          "hosts",
          "hosts.allow",
          "hosts.deny",
          "init.d",
          "initramfs-tools",
          "ipsec.conf",
          "ipsec.d",
          "ipsec.secrets",
          "iscsi",
          "kernel",
          "kubernetes",
          "ldap",
          "letsencrypt",
          "libvirt",
          "lvm",
          "machine-id",
          "modprobe.d",
          "modules-load.d",
          "motd",
          "mtab",
          "netplan",
          "network",
          "networkd-dispatcher",
          "nftables.conf",
          "openvpn",
          "pam.conf",
          "pam.d",
          "polkit-1",
          "postfix",
          "ppp",
          "rancher",
          "resolv.conf",
          "samba",
          "security",
          "selinux",
          "shadow",
          "ssh",
          "sssd",
          "subgid",
          "subuid",
          "sudo.conf",
          "sudo_logsrvd.conf",
          "sudoers",
          "sudoers.d",
          "sysctl.conf",
          "sysctl.d",
          "systemd",
          "tmpfiles.d",
          "udev",
          "update-motd.d",
          "wgetrc",
          "wireguard",
          "wpa_supplicant",
          "xdg",
          "yum.repos.d");

  private static final Pattern SECRET_NAME =
      Pattern.compile(
          ".*(\\.key|\\.p12|\\.pfx|\\.jks|\\.keystore|\\.keytab|\\.secret|-|~|\\.bak|\\.dpkg-old)"
              + "|.*(htpasswd|credential|token|authkey).*|private|\\.git|\\.env|\\.netrc|\\.pgpass");
  private static final String KEY_MARK = "PRIVATE KEY-----";

  private final Path etc;
  private final Predicate<String> ownedByPackage;

  /// @param ownedByPackage whether an installed package owns this name directly below `/etc`
  HostConfiguration(Path etc, Predicate<String> ownedByPackage) {
    this.etc = etc;
    this.ownedByPackage = ownedByPackage;
  }

  /// What is chosen, by path below `/etc`, folders before what is in them. Contents are not looked
  /// at yet: see [#holdsKey].
  SortedMap<String, PosixFileAttributes> select() throws IOException {
    TreeMap<String, PosixFileAttributes> chosen = new TreeMap<>();
    try (DirectoryStream<Path> top = Files.newDirectoryStream(etc)) {
      for (Path path : top) {
        String name = String.valueOf(path.getFileName());
        boolean wanted = NEEDED.contains(name) || (ownedByPackage.test(name) && !isHosts(name));
        if (wanted) {
          select(path, name, chosen);
        }
      }
    }
    return chosen;
  }

  private static boolean isHosts(String name) {
    return NEVER.contains(name) || name.matches("rc[0-9S]\\.d");
  }

  private void select(Path path, String relative, SortedMap<String, PosixFileAttributes> chosen)
      throws IOException {
    String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
    if (chosen.size() >= MAX_FILES || SECRET_NAME.matcher(name).matches()) {
      return;
    }
    PosixFileAttributes attributes =
        Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (attributes.isSymbolicLink()) {
      chosen.put(relative, attributes);
      return;
    }
    Set<PosixFilePermission> permissions = attributes.permissions();
    boolean readable = permissions.contains(PosixFilePermission.OTHERS_READ);
    if (attributes.isRegularFile() && readable && attributes.size() <= MAX_FILE_BYTES) {
      chosen.put(relative, attributes);
    }
    boolean open = readable && permissions.contains(PosixFilePermission.OTHERS_EXECUTE);
    if (attributes.isDirectory() && open) {
      chosen.put(relative, attributes);
      try (DirectoryStream<Path> children = Files.newDirectoryStream(path)) {
        for (Path child : children) {
          select(child, relative + "/" + child.getFileName(), chosen);
        }
      }
    }
  }

  /// Whether a file holds a private key, whatever its name.
  static boolean holdsKey(byte[] content) {
    return new String(content, StandardCharsets.ISO_8859_1).contains(KEY_MARK);
  }

  /// The accounts without the passwords that old systems keep in them.
  static byte[] withoutPasswords(byte[] accounts) {
    StringBuilder clean = new StringBuilder(accounts.length);
    for (String line : new String(accounts, StandardCharsets.ISO_8859_1).split("\n", -1)) {
      String[] fields = line.split(":", -1);
      if (fields.length >= 4) {
        fields[1] = fields[1].isEmpty() ? "*" : "x";
        clean.append(String.join(":", fields)).append('\n');
      }
    }
    return clean.toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}
