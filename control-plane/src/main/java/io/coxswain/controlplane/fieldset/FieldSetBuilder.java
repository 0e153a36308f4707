package io.coxswain.controlplane.fieldset;

import io.coxswain.controlplane.fieldset.FieldSet.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Collects the elements of one level, in any order.
final class FieldSetBuilder {

  private Node[] nodes = new Node[8];
  private int count;
  private boolean sorted = true;

  FieldSetBuilder add(PathElement element, boolean member, FieldSet below) {
    if (member || !below.isEmpty()) {
      add(new Node(element, member, below));
    }
    return this;
  }

  void add(Node node) {
    if (count == nodes.length) {
      nodes = Arrays.copyOf(nodes, count * 2);
    }
    sorted = sorted && (count == 0 || FieldSet.ORDER.compare(nodes[count - 1], node) < 0);
    nodes[count++] = node;
  }

  FieldSet build() {
    if (count == 0) {
      return FieldSet.EMPTY;
    }
    Node[] all = Arrays.copyOf(nodes, count);
    if (sorted) {
      return new FieldSet(all);
    }
    Arrays.sort(all, FieldSet.ORDER);
    List<Node> joined = new ArrayList<>(all.length);
    for (Node node : all) {
      if (!joined.isEmpty() && joined.getLast().element().equals(node.element())) {
        joined.set(joined.size() - 1, FieldSet.union(joined.getLast(), node));
      } else {
        joined.add(node);
      }
    }
    return FieldSet.of(joined);
  }
}
