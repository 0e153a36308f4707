package io.coxswain.controlplane.fieldset;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A set of fields of an object: a tree of path elements, each of which may be a member itself and
/// may have members below it. Immutable; subsets are shared between sets.
@SuppressWarnings("ReferenceEquality") // a set that does not change is handed on, and known again
public final class FieldSet {

  public static final FieldSet EMPTY = new FieldSet(new Node[0]);

  static final Comparator<Node> ORDER = Comparator.comparing(Node::element);

  /// Sorted, each a member or with members below.
  private final Node[] nodes;

  /// One element with what is below it.
  record Node(PathElement element, boolean member, FieldSet below) {

    static Node leaf(PathElement element) {
      return new Node(element, true, EMPTY);
    }
  }

  FieldSet(Node[] nodes) {
    this.nodes = nodes;
  }

  /// @param nodes sorted, each once
  static FieldSet of(List<Node> nodes) {
    return nodes.isEmpty() ? EMPTY : new FieldSet(nodes.toArray(Node[]::new));
  }

  /// The set of one path.
  public static FieldSet of(PathElement... path) {
    FieldSet set = EMPTY;
    for (int i = path.length - 1; i >= 0; i--) {
      set = new FieldSet(new Node[] {new Node(path[i], i == path.length - 1, set)});
    }
    return set;
  }

  /// The set of one path of plain names.
  public static FieldSet ofNames(String... names) {
    return of(Arrays.stream(names).map(PathElement.Field::new).toArray(PathElement[]::new));
  }

  public boolean isEmpty() {
    return nodes.length == 0;
  }

  List<Node> nodes() {
    return Collections.unmodifiableList(Arrays.asList(nodes));
  }

  int width() {
    return nodes.length;
  }

  Node node(int i) {
    return nodes[i];
  }

  @Nullable Node find(PathElement element) {
    int low = 0;
    int high = nodes.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = nodes[middle].element().compareTo(element);
      if (order == 0) {
        return nodes[middle];
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return null;
  }

  public boolean contains(List<PathElement> path) {
    FieldSet set = this;
    for (int i = 0; i < path.size(); i++) {
      Node node = set.find(path.get(i));
      if (node == null) {
        return false;
      }
      if (i == path.size() - 1) {
        return node.member();
      }
      set = node.below();
    }
    return false;
  }

  /// What is in either.
  public FieldSet union(FieldSet other) {
    if (this == other || other.isEmpty()) {
      return this;
    }
    if (isEmpty()) {
      return other;
    }
    List<Node> all = new ArrayList<>(Math.max(nodes.length, other.nodes.length));
    int i = 0;
    int j = 0;
    while (i < nodes.length || j < other.nodes.length) {
      int order = order(i, other, j);
      if (order < 0) {
        all.add(nodes[i++]);
      } else if (order > 0) {
        all.add(other.nodes[j++]);
      } else {
        all.add(union(nodes[i++], other.nodes[j++]));
      }
    }
    return all.size() == nodes.length && sameNodes(all) ? this : of(all);
  }

  static Node union(Node ours, Node theirs) {
    FieldSet below = ours.below().union(theirs.below());
    boolean member = ours.member() || theirs.member();
    return below == ours.below() && member == ours.member()
        ? ours
        : new Node(ours.element(), member, below);
  }

  /// What is in both.
  public FieldSet intersection(FieldSet other) {
    if (this == other || isEmpty() || other.isEmpty()) {
      return this == other ? this : EMPTY;
    }
    List<Node> both = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < nodes.length && j < other.nodes.length) {
      int order = order(i, other, j);
      if (order < 0) {
        i++;
      } else if (order > 0) {
        j++;
      } else {
        Node ours = nodes[i++];
        Node theirs = other.nodes[j++];
        keep(
            both,
            ours,
            ours.member() && theirs.member(),
            ours.below().intersection(theirs.below()));
      }
    }
    return of(both);
  }

  /// What is in this one only. What lies below a member of the other stays.
  public FieldSet difference(FieldSet other) {
    return without(other, false);
  }

  /// What is in this one and neither in the other nor below any of its members.
  public FieldSet withoutAllOf(FieldSet other) {
    return without(other, true);
  }

  private FieldSet without(FieldSet other, boolean below) {
    if (isEmpty() || other.isEmpty()) {
      return this;
    }
    List<Node> rest = new ArrayList<>(nodes.length);
    int j = 0;
    for (int i = 0; i < nodes.length; i++) {
      while (j < other.nodes.length && order(i, other, j) > 0) {
        j++;
      }
      Node ours = nodes[i];
      if (j == other.nodes.length || order(i, other, j) != 0) {
        rest.add(ours);
        continue;
      }
      Node theirs = other.nodes[j];
      if (!below || !theirs.member()) {
        keep(
            rest,
            ours,
            ours.member() && !theirs.member(),
            ours.below().without(theirs.below(), below));
      }
    }
    return rest.size() == nodes.length && sameNodes(rest) ? this : of(rest);
  }

  private static void keep(List<Node> into, Node node, boolean member, FieldSet below) {
    if (member == node.member() && below == node.below()) {
      into.add(node);
    } else if (member || !below.isEmpty()) {
      into.add(new Node(node.element(), member, below));
    }
  }

  private int order(int i, FieldSet other, int j) {
    if (i == nodes.length) {
      return 1;
    }
    return j == other.nodes.length ? -1 : nodes[i].element().compareTo(other.nodes[j].element());
  }

  private boolean sameNodes(List<Node> others) {
    for (int i = 0; i < nodes.length; i++) {
      if (nodes[i] != others.get(i)) {
        return false;
      }
    }
    return true;
  }

  /// Every member's path, in order. The list is the same each time and changes after the call.
  public void forEach(Consumer<List<PathElement>> action) {
    forEach(new ArrayList<>(), action);
  }

  private void forEach(List<PathElement> path, Consumer<List<PathElement>> action) {
    for (Node node : nodes) {
      path.add(node.element());
      if (node.member()) {
        action.accept(path);
      }
      node.below().forEach(path, action);
      path.removeLast();
    }
  }

  /// Every member's path, as people write them: `.spec.containers[name="web"].image`.
  public List<String> paths() {
    List<String> paths = new ArrayList<>();
    forEach(path -> paths.add(text(path)));
    return paths;
  }

  static String text(List<PathElement> path) {
    StringBuilder text = new StringBuilder();
    path.forEach(text::append);
    return text.toString();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FieldSet set && Arrays.equals(nodes, set.nodes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(nodes);
  }

  @Override
  public String toString() {
    return FieldsV1.text(this);
  }
}
