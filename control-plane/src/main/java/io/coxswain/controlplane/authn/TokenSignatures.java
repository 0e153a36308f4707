package io.coxswain.controlplane.authn;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.coxswain.client.codec.Sha256;
import java.security.KeyPair;
import java.security.interfaces.ECPublicKey;
import java.text.ParseException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Signs JSON Web Tokens by ES256 (RFC 7515, RFC 7518), and says what a token claims that this key
/// has signed. A client shows the same token with each of its requests, and to check a signature
/// takes as long as to answer ten of them: what was found good is remembered, by its digest.
/// Whether what it claims still holds is not asked here, and has to be with each request.
final class TokenSignatures {

  private static final int MOST_REMEMBERED = 2048;

  private final ECKey key;

  /// Guarded by itself; who was seen last goes last.
  private final Map<String, JWTClaimsSet> good =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, JWTClaimsSet> eldest) {
          return size() > MOST_REMEMBERED;
        }
      };

  /// @param keys P-256
  TokenSignatures(KeyPair keys) {
    this.key =
        new ECKey.Builder(Curve.P_256, (ECPublicKey) keys.getPublic())
            .privateKey(keys.getPrivate())
            .keyID(base64(Sha256.of(keys.getPublic().getEncoded())))
            .keyUse(KeyUse.SIGNATURE)
            .algorithm(JWSAlgorithm.ES256)
            .build();
  }

  /// The public key, as relying parties fetch it (RFC 7517).
  Map<String, Object> publicKeys() {
    return new JWKSet(key.toPublicJWK()).toJSONObject();
  }

  String sign(JWTClaimsSet claims) {
    try {
      SignedJWT token =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(), claims);
      token.sign(new ECDSASigner(key));
      return token.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException("a token cannot be signed", e);
    }
  }

  /// What the token claims; empty when it is none, or another key's.
  Optional<JWTClaimsSet> claims(String token) {
    String digest = base64(Sha256.of(token));
    JWTClaimsSet known = remembered(digest);
    if (known != null) {
      return Optional.of(known);
    }
    Optional<JWTClaimsSet> claims = checked(token);
    claims.ifPresent(found -> remember(digest, found));
    return claims;
  }

  private @Nullable JWTClaimsSet remembered(String digest) {
    synchronized (good) {
      return good.get(digest);
    }
  }

  private void remember(String digest, JWTClaimsSet claims) {
    synchronized (good) {
      good.put(digest, claims);
    }
  }

  private Optional<JWTClaimsSet> checked(String token) {
    try {
      SignedJWT signed = SignedJWT.parse(token);
      boolean ours =
          JWSAlgorithm.ES256.equals(signed.getHeader().getAlgorithm())
              && signed.verify(new ECDSAVerifier(key.toPublicJWK()));
      return ours ? Optional.of(signed.getJWTClaimsSet()) : Optional.empty();
    } catch (ParseException | JOSEException e) {
      return Optional.empty();
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
