package io.coxswain.controlplane.pki;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Base64;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/// A key of somebody, and what they ask to have signed.
///
/// @param pem a PKCS #10 request
public record Asked(KeyPair key, String pem) {

  /// @param subject as `CN=jane,O=dev`
  public static Asked elliptic(String subject, GeneralName... alternatives) throws Exception {
    return of(Issuer.newKey(), "SHA256withECDSA", subject, alternatives);
  }

  public static Asked rsa(String subject, GeneralName... alternatives) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return of(generator.generateKeyPair(), "SHA256withRSA", subject, alternatives);
  }

  private static Asked of(
      KeyPair key, String algorithm, String subject, GeneralName... alternatives) throws Exception {
    PKCS10CertificationRequestBuilder builder =
        new JcaPKCS10CertificationRequestBuilder(new X500Name(subject), key.getPublic());
    if (alternatives.length > 0) {
      ExtensionsGenerator extensions = new ExtensionsGenerator();
      extensions.addExtension(
          Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
      builder.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
    }
    byte[] der =
        builder.build(new JcaContentSignerBuilder(algorithm).build(key.getPrivate())).getEncoded();
    return new Asked(key, Pem.block("CERTIFICATE REQUEST", der));
  }

  public byte[] bytes() {
    return pem.getBytes(StandardCharsets.US_ASCII);
  }

  /// As JSON has it.
  public String base64() {
    return Base64.getEncoder().encodeToString(bytes());
  }

  /// Shows a certificate for the key.
  public X509ExtendedKeyManager shows(X509Certificate certificate) {
    return new X509ExtendedKeyManager() {
      @Override
      public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
        return "own";
      }

      @Override
      public String[] getClientAliases(String type, Principal[] issuers) {
        return new String[] {"own"};
      }

      @Override
      public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
        return "own";
      }

      @Override
      public String[] getServerAliases(String type, Principal[] issuers) {
        return new String[0];
      }

      @Override
      public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
        return "";
      }

      @Override
      public X509Certificate[] getCertificateChain(String alias) {
        return new X509Certificate[] {certificate};
      }

      @Override
      public PrivateKey getPrivateKey(String alias) {
        return key.getPrivate();
      }
    };
  }
}
