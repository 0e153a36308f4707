package io.coxswain.controlplane.admission;

import com.google.protobuf.Message;
import io.coxswain.schema.FieldSchema;
import io.coxswain.schema.MessageSchema;
import io.coxswain.schema.options.JsonForm;
import java.util.ArrayList;
import java.util.List;

/// Names the fields in which two messages differ, for people to whom a whole spec says nothing.
final class SpecDifference {

  private static final int MOST = 10;

  private SpecDifference() {}

  static String between(Message before, Message after) {
    List<String> paths = new ArrayList<>();
    collect(before, after, "spec", paths);
    return String.join(", ", paths.subList(0, Math.min(paths.size(), MOST)))
        + (paths.size() > MOST ? " …" : "");
  }

  private static void collect(Message before, Message after, String path, List<String> paths) {
    for (FieldSchema field : MessageSchema.of(before.getDescriptorForType()).fields()) {
      Object old = before.getField(field.descriptor());
      Object now = after.getField(field.descriptor());
      boolean same =
          old.equals(now)
              && (!field.descriptor().hasPresence()
                  || before.hasField(field.descriptor()) == after.hasField(field.descriptor()));
      if (same) {
        continue;
      }
      String at = field.inline() ? path : path + "." + field.jsonName();
      boolean nested =
          field.holdsMessages() && field.message().jsonForm() == JsonForm.OBJECT && !field.isMap();
      if (!nested) {
        paths.add(at);
      } else if (!field.isList()) {
        collect((Message) old, (Message) now, at, paths);
      } else {
        collectItems((List<?>) old, (List<?>) now, at, paths);
      }
    }
  }

  private static void collectItems(List<?> before, List<?> after, String path, List<String> paths) {
    if (before.size() != after.size()) {
      paths.add(path);
      return;
    }
    for (int i = 0; i < before.size(); i++) {
      if (!before.get(i).equals(after.get(i))) {
        collect((Message) before.get(i), (Message) after.get(i), path + "[" + i + "]", paths);
      }
    }
  }
}
