package io.coxswain.controlplane.controller.deployment;

import com.google.protobuf.CodedOutputStream;
import io.coxswain.api.core.v1.PodTemplateSpec;
import io.coxswain.client.codec.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/// A short name for a pod template: equal templates have equal ones, in every release and on every
/// machine.
final class TemplateHash {

  static final String LABEL = "pod-template-hash";

  // No vowels and no digits that look like them, so that no word comes out.
  private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
  private static final int LENGTH = 10;

  private TemplateHash() {}

  /// @param collisions how often a name made from this template was taken by another one
  static String of(PodTemplateSpec template, int collisions) {
    MessageDigest digest = Sha256.begin();
    digest.update(canonical(bare(template)));
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(collisions).flip());
    long bits = ByteBuffer.wrap(digest.digest()).getLong();
    StringBuilder name = new StringBuilder(LENGTH);
    for (int i = 0; i < LENGTH; i++) {
      name.append(ALPHABET.charAt((int) Long.remainderUnsigned(bits, ALPHABET.length())));
      bits = Long.divideUnsigned(bits, ALPHABET.length());
    }
    return name.toString();
  }

  /// Whether two templates make the same pods, whatever set they belong to.
  static boolean sameTemplate(PodTemplateSpec one, PodTemplateSpec other) {
    return bare(one).equals(bare(other));
  }

  /// The template without the label that tells its set's pods from others'.
  static PodTemplateSpec bare(PodTemplateSpec template) {
    PodTemplateSpec.Builder bare = template.toBuilder();
    bare.getMetadataBuilder().removeLabels(LABEL);
    return bare.build();
  }

  private static byte[] canonical(PodTemplateSpec template) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      // Maps in the order of their keys.
      out.useDeterministicSerialization();
      template.writeTo(out);
      out.flush();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
  }
}
