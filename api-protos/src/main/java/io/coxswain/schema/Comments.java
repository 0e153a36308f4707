package io.coxswain.schema;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The comments that lead messages and fields in the schema's files. Generated classes leave them
/// out, so the files themselves, which stand in the jar, are read when somebody asks.
final class Comments {

  private static final Pattern MESSAGE = Pattern.compile("message (\\w+) \\{.*");
  private static final Pattern FIELD =
      Pattern.compile("  (?:repeated )?(?:map<[^>]*>|[\\w.]+) (\\w+) = \\d+.*");

  private final Map<String, Map<String, String>> byFile = new ConcurrentHashMap<>();

  String of(Descriptor message) {
    return in(message.getFile()).getOrDefault(message.getName(), "");
  }

  String of(FieldDescriptor field) {
    String name = field.getContainingType().getName() + "." + field.getName();
    return in(field.getFile()).getOrDefault(name, "");
  }

  private Map<String, String> in(FileDescriptor file) {
    return byFile.computeIfAbsent(file.getName(), Comments::read);
  }

  /// A file that is not of this schema has no comments.
  private static Map<String, String> read(String name) {
    Map<String, String> comments = new HashMap<>();
    try (InputStream file = Comments.class.getResourceAsStream("/" + name)) {
      if (file != null) {
        scan(new BufferedReader(new InputStreamReader(file, StandardCharsets.UTF_8)), comments);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("reading the comments of " + name, e);
    }
    return comments;
  }

  private static void scan(BufferedReader lines, Map<String, String> comments) throws IOException {
    StringBuilder comment = new StringBuilder();
    String message = "";
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String text = line.strip();
      if (text.startsWith("//")) {
        comment.append(comment.isEmpty() ? "" : " ").append(text.substring(2).strip());
        continue;
      }
      Matcher start = MESSAGE.matcher(line);
      Matcher field = FIELD.matcher(line);
      if (start.matches()) {
        message = start.group(1);
        comments.put(message, comment.toString());
      } else if (field.matches()) {
        comments.put(message + "." + field.group(1), comment.toString());
      }
      comment.setLength(0);
    }
  }
}
