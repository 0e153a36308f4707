package io.coxswain.controlplane.pki;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/// The cluster's certificates, each made once and kept: `ca.crt`, `ca.key`, and a pair for each
/// holder. A certificate is made anew when less than a third of its life is left, when it is not
/// yet valid, as after a start with a clock that was ahead, or when its names changed. Several
/// processes may open the same folder at once.
///
/// Elliptic-curve P-256 keys throughout; files have mode 0600, the folder 0700.
public final class Pki {

  private static final Duration AUTHORITY_VALIDITY = Duration.ofDays(3653);
  private static final Duration LEAF_VALIDITY = Duration.ofDays(365);

  /// The name in the certificate of [#frontProxy], and its file's.
  public static final String FRONT_PROXY = "front-proxy-client";

  /// A file lock keeps processes apart, not the threads of one.
  private static final ReentrantLock THREADS = new ReentrantLock();

  private final Path directory;
  private final Clock clock;
  private final X509Certificate authority;
  private final Issuer issuer;
  private final JoinTokens joinTokens;

  private Pki(Path directory, Clock clock, X509Certificate authority, PrivateKey key)
      throws IOException {
    this.directory = directory;
    this.clock = clock;
    this.authority = authority;
    this.issuer = new Issuer(authority, key, clock);
    this.joinTokens = JoinTokens.open(directory, authority, clock);
  }

  /// Opens the folder, and makes it and the authority when there is none.
  ///
  /// @throws IOException when files cannot be read or written, or hold no key or certificate
  public static Pki open(Path directory, Clock clock) throws IOException {
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    THREADS.lock();
    try (FileChannel channel = lockFile(directory);
        FileLock _ = channel.lock()) {
      ensureAuthority(directory, "ca", "coxswain-ca", clock);
      return new Pki(
          directory,
          clock,
          Pem.certificate(Files.readString(directory.resolve("ca.crt"))),
          Pem.privateKey(Files.readString(directory.resolve("ca.key"))));
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "The cluster's certificate authority in " + directory + " is not usable: " + e, e);
    } finally {
      THREADS.unlock();
    }
  }

  private static void ensureAuthority(Path directory, String file, String name, Clock clock)
      throws IOException, GeneralSecurityException {
    Path certificateFile = directory.resolve(file + ".crt");
    if (!Files.exists(certificateFile)) {
      KeyPair pair = Issuer.newKey();
      // The key first: a certificate without its key would look complete after a crash.
      Pem.write(directory.resolve(file + ".key"), Pem.encode(pair.getPrivate()));
      Pem.write(
          certificateFile, Pem.encode(Issuer.selfSigned(name, pair, clock, AUTHORITY_VALIDITY)));
    }
  }

  /// By what this server proves to those that extend the API that it may say who sends a request.
  /// Its authority is one of its own, `front-proxy-ca`: a client of the cluster, whose certificate
  /// is signed as well, is not to be believed the same.
  public Credentials frontProxy() throws IOException {
    X509Certificate signer;
    Issuer own;
    THREADS.lock();
    try (FileChannel channel = lockFile(directory);
        FileLock _ = channel.lock()) {
      ensureAuthority(directory, "front-proxy-ca", "coxswain-front-proxy-ca", clock);
      signer = Pem.certificate(Files.readString(directory.resolve("front-proxy-ca.crt")));
      own =
          new Issuer(
              signer,
              Pem.privateKey(Files.readString(directory.resolve("front-proxy-ca.key"))),
              clock);
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "The front proxy's certificate authority in " + directory + " is not usable: " + e, e);
    } finally {
      THREADS.unlock();
    }
    return credentials(
        FRONT_PROXY,
        signer,
        _ -> true,
        key -> own.client(FRONT_PROXY, "coxswain:front-proxy", key, LEAF_VALIDITY));
  }

  public X509Certificate authority() {
    return authority;
  }

  public Path authorityFile() {
    return directory.resolve("ca.crt");
  }

  public JoinTokens joinTokens() {
    return joinTokens;
  }

  /// The certificate that a server shows under these DNS names and IP addresses, kept in
  /// `<file>.crt` and `<file>.key`.
  public Credentials serving(String file, String commonName, Collection<String> names)
      throws IOException {
    return named(
        file,
        names,
        _ -> true,
        (wanted, key) -> issuer.serving(commonName, wanted, key, LEAF_VALIDITY));
  }

  /// As [#serving], of a program that shows its certificate to servers, too, as etcd does to
  /// itself.
  public Credentials member(String file, String commonName, Collection<String> names)
      throws IOException {
    return named(
        file,
        names,
        Pki::proves,
        (wanted, key) -> issuer.member(commonName, wanted, key, LEAF_VALIDITY));
  }

  private Credentials named(
      String file, Collection<String> names, Acceptable acceptable, NamedSigning signing)
      throws IOException {
    SortedSet<ServingName> wanted = new TreeSet<>();
    names.forEach(name -> wanted.add(ServingName.of(name)));
    return credentials(
        file,
        authority,
        existing -> servingNames(existing).containsAll(wanted) && acceptable.test(existing),
        key -> signing.sign(wanted, key));
  }

  /// Whether a server takes it from who dials.
  private static boolean proves(X509Certificate certificate) throws GeneralSecurityException {
    List<String> purposes = certificate.getExtendedKeyUsage();
    return purposes != null && purposes.contains(KeyPurposeId.id_kp_clientAuth.getId());
  }

  /// The certificate of a person or component, kept in `<file>.crt` and `<file>.key`.
  ///
  /// @param organization the group that authorization reads
  public Credentials client(String file, String commonName, String organization)
      throws IOException {
    return credentials(
        file,
        authority,
        existing ->
            existing
                .getSubjectX500Principal()
                .equals(new X500Principal("CN=" + commonName + ",O=" + organization)),
        key -> issuer.client(commonName, organization, key, LEAF_VALIDITY));
  }

  /// The certificate of the agent that runs on this machine; others ask for theirs by token.
  public Credentials node(String nodeName) throws IOException {
    return client("node-" + nodeName, "system:node:" + nodeName, "system:nodes");
  }

  /// The key that signs the tokens of service accounts, kept in `sa.key` and `sa.pub`.
  public KeyPair serviceAccountKey() throws IOException {
    Path secret = directory.resolve("sa.key");
    Path open = directory.resolve("sa.pub");
    THREADS.lock();
    try (FileChannel channel = lockFile(directory);
        FileLock _ = channel.lock()) {
      if (!Files.exists(secret)) {
        KeyPair pair = Issuer.newKey();
        Pem.write(open, Pem.block("PUBLIC KEY", pair.getPublic().getEncoded()));
        Pem.write(secret, Pem.encode(pair.getPrivate()));
      }
      PublicKey known =
          KeyFactory.getInstance("EC")
              .generatePublic(new X509EncodedKeySpec(Pem.der(Files.readString(open))));
      return new KeyPair(known, Pem.privateKey(Files.readString(secret)));
    } catch (GeneralSecurityException e) {
      throw new IOException("The key of service accounts in " + secret + " is not usable: " + e, e);
    } finally {
      THREADS.unlock();
    }
  }

  /// Signs a request for a client certificate. Only its public key is taken from it, after proof
  /// that the asker holds the private one.
  ///
  /// @param requestPem PKCS #10
  /// @throws GeneralSecurityException when the request is malformed or not signed by its key
  public X509Certificate sign(String requestPem, String commonName, String organization)
      throws GeneralSecurityException {
    SigningRequest request = SigningRequest.parse(requestPem.getBytes(StandardCharsets.US_ASCII));
    return issuer.client(commonName, organization, request.key(), LEAF_VALIDITY);
  }

  /// Signs what the request asks for: its name, key and other names.
  ///
  /// @param usages in the words of [KeyUsages#names()]
  /// @param validity from now
  /// @throws GeneralSecurityException when the authority itself has ended
  public X509Certificate sign(SigningRequest request, Collection<String> usages, Duration validity)
      throws GeneralSecurityException {
    return issuer.requested(request, KeyUsages.of(usages), validity);
  }

  private Credentials credentials(
      String file, X509Certificate signer, Acceptable acceptable, Signing signing)
      throws IOException {
    Path certificateFile = directory.resolve(file + ".crt");
    Path keyFile = directory.resolve(file + ".key");
    THREADS.lock();
    try (FileChannel channel = lockFile(directory);
        FileLock _ = channel.lock()) {
      if (Files.exists(certificateFile) && Files.exists(keyFile)) {
        X509Certificate existing = Pem.certificate(Files.readString(certificateFile));
        if (fresh(existing) && isSigned(existing, signer) && acceptable.test(existing)) {
          PrivateKey key = Pem.privateKey(Files.readString(keyFile));
          return new Credentials(certificateFile, keyFile, existing, key, signer);
        }
      }
      KeyPair pair = Issuer.newKey();
      X509Certificate certificate = signing.sign(pair.getPublic());
      Files.deleteIfExists(certificateFile);
      Pem.write(keyFile, Pem.encode(pair.getPrivate()));
      Pem.write(certificateFile, Pem.encode(certificate));
      return new Credentials(certificateFile, keyFile, certificate, pair.getPrivate(), signer);
    } catch (GeneralSecurityException e) {
      throw new IOException("The certificate " + certificateFile + " is not usable: " + e, e);
    } finally {
      THREADS.unlock();
    }
  }

  private boolean fresh(X509Certificate certificate) {
    Instant end = certificate.getNotAfter().toInstant();
    Instant begin = certificate.getNotBefore().toInstant();
    Instant now = clock.instant();
    Duration life = Duration.between(begin, end);
    return !now.isBefore(begin) && now.isBefore(end.minus(life.dividedBy(3)));
  }

  private static boolean isSigned(X509Certificate certificate, X509Certificate signer) {
    try {
      certificate.verify(signer.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static SortedSet<ServingName> servingNames(X509Certificate certificate)
      throws GeneralSecurityException {
    SortedSet<ServingName> names = new TreeSet<>();
    Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
    if (alternatives != null) {
      alternatives.forEach(entry -> names.add(ServingName.of(String.valueOf(entry.get(1)))));
    }
    return names;
  }

  private static FileChannel lockFile(Path directory) throws IOException {
    return FileChannel.open(
        directory.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private interface Acceptable {
    boolean test(X509Certificate existing) throws GeneralSecurityException;
  }

  private interface Signing {
    X509Certificate sign(PublicKey key) throws GeneralSecurityException;
  }

  private interface NamedSigning {
    X509Certificate sign(SortedSet<ServingName> names, PublicKey key)
        throws GeneralSecurityException;
  }
}
