package io.coxswain.controlplane.fieldset;

import io.coxswain.api.resource.Quantity;
import io.coxswain.client.codec.Quantities;

/// A part of a message that is owned as one.
enum MessageLeaf implements Shape.Leaf<Object> {
  PLAIN {
    @Override
    public boolean same(Object left, Object right) {
      return left.equals(right);
    }
  },
  /// `1000m` and `1` are one.
  QUANTITY {
    @Override
    public boolean same(Object left, Object right) {
      return left.equals(right)
          || (left instanceof Quantity one
              && right instanceof Quantity other
              && Quantities.canonical(one.getString())
                  .equals(Quantities.canonical(other.getString())));
    }
  }
}
