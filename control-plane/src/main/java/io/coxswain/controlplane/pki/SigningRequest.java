package io.coxswain.controlplane.pki;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.Attribute;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/// What somebody asks to have signed (PKCS #10, RFC 2986): a name, a public key, and under which
/// other names its holder wants to be known. Whoever made it has the private key.
public final class SigningRequest {

  private static final String BEGIN = "-----BEGIN ";
  private static final String TYPE = "CERTIFICATE REQUEST-----";

  private final X500Name subject;
  private final PublicKey key;
  private final List<GeneralName> alternatives;

  private SigningRequest(X500Name subject, PublicKey key, List<GeneralName> alternatives) {
    this.subject = subject;
    this.key = key;
    this.alternatives = List.copyOf(alternatives);
  }

  /// @param pem one block of type CERTIFICATE REQUEST
  /// @throws GeneralSecurityException when it is something else, or not signed by its own key
  public static SigningRequest parse(byte[] pem) throws GeneralSecurityException {
    String text = new String(pem, StandardCharsets.ISO_8859_1);
    int begin = text.indexOf(BEGIN);
    if (begin < 0 || !text.startsWith(TYPE, begin + BEGIN.length())) {
      throw new GeneralSecurityException("PEM block type must be CERTIFICATE REQUEST");
    }
    try {
      JcaPKCS10CertificationRequest request = new JcaPKCS10CertificationRequest(Pem.der(text));
      PublicKey key = request.getPublicKey();
      if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
        throw new GeneralSecurityException("the certificate request is not signed by its own key");
      }
      return new SigningRequest(request.getSubject(), key, alternatives(request));
    } catch (IOException
        | InvalidKeyException
        | NoSuchAlgorithmException
        | OperatorCreationException
        | PKCSException
        | IllegalArgumentException
        | IllegalStateException
        | ClassCastException e) {
      throw new GeneralSecurityException(
          "not a PKCS #10 certificate request: " + e.getMessage(), e);
    }
  }

  private static List<GeneralName> alternatives(JcaPKCS10CertificationRequest request) {
    List<GeneralName> names = new ArrayList<>();
    for (Attribute attribute :
        request.getAttributes(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest)) {
      if (attribute.getAttrValues().size() > 0) {
        Extensions wanted = Extensions.getInstance(attribute.getAttrValues().getObjectAt(0));
        GeneralNames found = GeneralNames.fromExtensions(wanted, Extension.subjectAlternativeName);
        if (found != null) {
          names.addAll(List.of(found.getNames()));
        }
      }
    }
    return names;
  }

  /// Whom the certificate would be about.
  public SubjectName name() {
    return SubjectName.of(subject);
  }

  public boolean hasDnsNames() {
    return has(GeneralName.dNSName);
  }

  public boolean hasAddresses() {
    return has(GeneralName.iPAddress);
  }

  public boolean hasEmails() {
    return has(GeneralName.rfc822Name);
  }

  public boolean hasUris() {
    return has(GeneralName.uniformResourceIdentifier);
  }

  private boolean has(int tag) {
    return alternatives.stream().anyMatch(name -> name.getTagNo() == tag);
  }

  X500Name subject() {
    return subject;
  }

  PublicKey key() {
    return key;
  }

  /// Those that a certificate may carry: host names, addresses, e-mail addresses and URIs.
  GeneralName[] alternatives() {
    return alternatives.stream()
        .filter(name ->
            switch (name.getTagNo()) {
              case GeneralName.dNSName,
                  GeneralName.iPAddress,
                  GeneralName.rfc822Name,
                  GeneralName.uniformResourceIdentifier ->
                  true;
              default -> false;
            })
        .toArray(GeneralName[]::new);
  }
}
