package io.coxswain.controlplane.pki;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;

/// Whom a certificate, or a request for one, is about. Read in one way only: who approves a request
/// must see the user that its certificate will sign in.
///
/// @param commonName the user; of several the last one; empty when there is none
/// @param organizations the user's groups
public record SubjectName(String commonName, List<String> organizations) {

  public SubjectName {
    organizations = List.copyOf(organizations);
  }

  public static SubjectName of(X509Certificate certificate) {
    return of(X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()));
  }

  static SubjectName of(X500Name subject) {
    List<String> names = values(subject, BCStyle.CN);
    return new SubjectName(names.isEmpty() ? "" : names.getLast(), values(subject, BCStyle.O));
  }

  private static List<String> values(X500Name subject, ASN1ObjectIdentifier type) {
    List<String> found = new ArrayList<>();
    for (RDN name : subject.getRDNs()) {
      // one part of a name may hold several things at once
      for (AttributeTypeAndValue part : name.getTypesAndValues()) {
        if (part.getType().equals(type)) {
          found.add(
              part.getValue() instanceof ASN1String text
                  ? text.getString()
                  : part.getValue().toString());
        }
      }
    }
    return found;
  }
}
