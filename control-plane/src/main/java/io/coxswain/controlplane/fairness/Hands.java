package io.coxswain.controlplane.fairness;

import io.coxswain.client.codec.Sha256;
import java.nio.ByteBuffer;

/// Shuffle sharding: deals each flow a few queues out of many, always the same ones, so that two
/// flows rarely share all of theirs.
final class Hands {

  private Hands() {}

  /// A number for a flow that nobody can choose: whoever could, would queue up with their
  /// neighbour.
  static long hash(String schema, String distinguisher) {
    return ByteBuffer.wrap(Sha256.of(schema + '\0' + distinguisher)).getLong();
  }

  /// @return different numbers below `queues`
  static int[] deal(long hash, int queues, int size) {
    int[] hand = new int[Math.min(size, queues)];
    long left = hash;
    for (int i = 0; i < hand.length; i++) {
      int choices = queues - i;
      int card = (int) Long.remainderUnsigned(left, choices);
      left = Long.divideUnsigned(left, choices);
      hand[i] = nth(card, hand, i);
    }
    return hand;
  }

  /// The card at this place among those that are not dealt yet.
  private static int nth(int place, int[] hand, int dealt) {
    int card = place;
    int[] sorted = java.util.Arrays.copyOf(hand, dealt);
    java.util.Arrays.sort(sorted);
    for (int taken : sorted) {
      if (taken <= card) {
        card++;
      }
    }
    return card;
  }

  /// How many bits of a hash it takes to deal a hand.
  static int bits(int queues, int size) {
    double bits = 0;
    for (int i = 0; i < size; i++) {
      bits += Math.log(queues - i) / Math.log(2);
    }
    return (int) Math.ceil(bits);
  }
}
