package io.coxswain.controlplane.pki;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// Makes keys and signs certificates. Holds no files and no state but the authority's key.
final class Issuer {

  /// Certificates begin a little in the past: clocks of a cluster's machines differ.
  private static final Duration BACKDATE = Duration.ofMinutes(5);

  /// The authority cannot be made anew, as its certificates can, when it turns out that the clock
  /// was ahead: machines whose hardware clock shows local time begin with up to fourteen hours.
  private static final Duration BACKDATE_AUTHORITY = Duration.ofHours(24);

  /// What lives less long than this lives just as long as was asked for.
  private static final Duration SHORT = Duration.ofHours(8);

  private static final SecureRandom RANDOM = new SecureRandom();

  private final X509Certificate authority;
  private final PrivateKey authorityKey;
  private final Clock clock;

  Issuer(X509Certificate authority, PrivateKey authorityKey, Clock clock) {
    this.authority = authority;
    this.authorityKey = authorityKey;
    this.clock = clock;
  }

  static KeyPair newKey() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
    return generator.generateKeyPair();
  }

  /// A certificate that signs itself and others.
  static X509Certificate selfSigned(String commonName, KeyPair key, Clock clock, Duration validity)
      throws GeneralSecurityException {
    X500Name name = subject(commonName, "");
    JcaX509v3CertificateBuilder builder =
        builder(name, name, key.getPublic(), clock.instant(), BACKDATE_AUTHORITY, validity);
    try {
      JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
          .addExtension(
              Extension.keyUsage,
              true,
              new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign | KeyUsage.digitalSignature))
          .addExtension(
              Extension.subjectKeyIdentifier,
              false,
              identifiers.createSubjectKeyIdentifier(key.getPublic()));
      return sign(builder, key.getPrivate());
    } catch (IOException e) {
      throw new GeneralSecurityException("encoding the authority's certificate", e);
    }
  }

  /// A certificate with which a client proves who it is: common name is the user, organization the
  /// group.
  X509Certificate client(String commonName, String organization, PublicKey key, Duration validity)
      throws GeneralSecurityException {
    return leaf(
        subject(commonName, organization),
        key,
        validity,
        new KeyPurposeId[] {KeyPurposeId.id_kp_clientAuth},
        new GeneralName[0]);
  }

  /// A certificate that a server shows under the given DNS names and IP addresses.
  X509Certificate serving(
      String commonName, Collection<ServingName> names, PublicKey key, Duration validity)
      throws GeneralSecurityException {
    return serving(commonName, names, key, validity, KeyPurposeId.id_kp_serverAuth);
  }

  /// As [#serving], and shown by the same program to servers that it dials.
  X509Certificate member(
      String commonName, Collection<ServingName> names, PublicKey key, Duration validity)
      throws GeneralSecurityException {
    return serving(
        commonName,
        names,
        key,
        validity,
        KeyPurposeId.id_kp_serverAuth,
        KeyPurposeId.id_kp_clientAuth);
  }

  private X509Certificate serving(
      String commonName,
      Collection<ServingName> names,
      PublicKey key,
      Duration validity,
      KeyPurposeId... purposes)
      throws GeneralSecurityException {
    GeneralName[] alternatives =
        names.stream()
            .map(name ->
                new GeneralName(
                    name.address() ? GeneralName.iPAddress : GeneralName.dNSName, name.text()))
            .toArray(GeneralName[]::new);
    return leaf(subject(commonName, ""), key, validity, purposes, alternatives);
  }

  /// A certificate for whoever made the request: its name, its key, its other names, and nothing
  /// else of what it asks for.
  ///
  /// @param validity from now; the certificate ends with its authority at the latest
  /// @throws GeneralSecurityException when the authority itself has ended
  X509Certificate requested(SigningRequest request, KeyUsages usages, Duration validity)
      throws GeneralSecurityException {
    Instant now = clock.instant();
    Instant last = authority.getNotAfter().toInstant();
    if (!now.isBefore(last)) {
      throw new GeneralSecurityException("the signer has expired: NotAfter=" + last);
    }
    // of short ones, the time that is put before the beginning would be missed at the end
    Instant wanted = now.plus(validity.compareTo(SHORT) < 0 ? validity : validity.minus(BACKDATE));
    X500Name issuer = X500Name.getInstance(authority.getSubjectX500Principal().getEncoded());
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            issuer,
            serial(),
            Date.from(now.minus(BACKDATE)),
            Date.from(wanted.isBefore(last) ? wanted : last),
            request.subject(),
            request.key());
    try {
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
          .addExtension(
              Extension.authorityKeyIdentifier,
              false,
              new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(authority));
      if (usages.bits() != 0) {
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(usages.bits()));
      }
      if (!usages.purposes().isEmpty()) {
        builder.addExtension(
            Extension.extendedKeyUsage,
            false,
            new ExtendedKeyUsage(usages.purposes().toArray(KeyPurposeId[]::new)));
      }
      GeneralName[] alternatives = request.alternatives();
      if (alternatives.length > 0) {
        boolean nameless = request.subject().getRDNs().length == 0;
        builder.addExtension(
            Extension.subjectAlternativeName, nameless, new GeneralNames(alternatives));
      }
      return sign(builder, authorityKey);
    } catch (IOException e) {
      throw new GeneralSecurityException("encoding the certificate of " + request.subject(), e);
    }
  }

  private X509Certificate leaf(
      X500Name subject,
      PublicKey key,
      Duration validity,
      KeyPurposeId[] purposes,
      GeneralName[] alternatives)
      throws GeneralSecurityException {
    X500Name issuer = X500Name.getInstance(authority.getSubjectX500Principal().getEncoded());
    JcaX509v3CertificateBuilder builder =
        builder(issuer, subject, key, clock.instant(), BACKDATE, validity);
    try {
      JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
          .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
          .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes))
          .addExtension(
              Extension.authorityKeyIdentifier,
              false,
              identifiers.createAuthorityKeyIdentifier(authority));
      if (alternatives.length > 0) {
        builder.addExtension(
            Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
      }
      return sign(builder, authorityKey);
    } catch (IOException e) {
      throw new GeneralSecurityException("encoding the certificate of " + subject, e);
    }
  }

  private static JcaX509v3CertificateBuilder builder(
      X500Name issuer,
      X500Name subject,
      PublicKey key,
      Instant now,
      Duration backdate,
      Duration validity) {
    return new JcaX509v3CertificateBuilder(
        issuer,
        serial(),
        Date.from(now.minus(backdate)),
        Date.from(now.plus(validity)),
        subject,
        key);
  }

  private static BigInteger serial() {
    return new BigInteger(127, RANDOM).add(BigInteger.ONE);
  }

  private static X500Name subject(String commonName, String organization) {
    X500NameBuilder name = new X500NameBuilder(BCStyle.INSTANCE);
    if (!organization.isEmpty()) {
      name.addRDN(BCStyle.O, organization);
    }
    return name.addRDN(BCStyle.CN, commonName).build();
  }

  private static X509Certificate sign(JcaX509v3CertificateBuilder builder, PrivateKey key)
      throws GeneralSecurityException {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException("signing with SHA256withECDSA", e);
    }
  }
}
