package io.coxswain.client.codec;

/// Where a walk through an object stands, as `spec.containers[0].image`. Grows and shrinks in
/// place: a walk without problems makes no strings.
final class FieldPath {

  private final StringBuilder text = new StringBuilder();

  /// Steps into a field.
  ///
  /// @return what [#leave] needs to step out
  int enter(String name) {
    int mark = text.length();
    if (mark > 0) {
      text.append('.');
    }
    text.append(name);
    return mark;
  }

  int enter(int index) {
    int mark = text.length();
    text.append('[').append(index).append(']');
    return mark;
  }

  void leave(int mark) {
    text.setLength(mark);
  }

  boolean isListItem() {
    return !text.isEmpty() && text.charAt(text.length() - 1) == ']';
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
