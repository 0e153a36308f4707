package io.coxswain.client.codec;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import tools.jackson.databind.JsonNode;

/// YAML as Kubernetes' Go library reads it: YAML 1.1 scalars (`0644` is 420, `yes` is a boolean),
/// any number of documents. Uses no protobuf unless given messages, so a command line tool may use
/// it and stay small.
public final class YamlCodec {

  /// How much the parser reads at a time. It copies what it has of a scalar with each piece, so
  /// that small pieces make a long scalar cost the square of its length.
  private static final int LEAST_BUFFER = 1 << 10;

  private static final int MOST_BUFFER = 1 << 20;

  private YamlCodec() {}

  /// Reads all documents; empty ones are left out. JSON is YAML, too.
  ///
  /// @throws ApiException with BadRequest naming the line of what is broken
  public static List<YamlDocument> parse(byte[] yaml) {
    LoadSettings settings =
        LoadSettings.builder()
            .setUseMarks(true)
            .setCodePointLimit(Integer.MAX_VALUE)
            .setBufferSize(Math.clamp(yaml.length, LEAST_BUFFER, MOST_BUFFER))
            .build();
    List<YamlDocument> documents = new ArrayList<>();
    try {
      Iterator<Event> events =
          new Parse(settings)
              .parseInputStream(new ByteArrayInputStream(indentedBySpaces(yaml)))
              .iterator();
      while (events.hasNext()) {
        Event event = events.next();
        if (event.getEventId() == Event.ID.DocumentStart) {
          YamlComposer composer = new YamlComposer(events);
          JsonNode content = composer.compose();
          if (!content.isNull()) {
            documents.add(
                new YamlDocument(
                    documents.size(), composer.firstLine(), content, composer.duplicates()));
          }
        }
      }
    } catch (MarkedYamlEngineException e) {
      throw refused(lineOf(e) + e.getProblem(), e);
    } catch (YamlEngineException e) {
      throw refused(String.valueOf(e.getMessage()), e);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      // The parser falls over an escape that ends too early.
      throw refused("a malformed escape in a quoted string", e);
    }
    return documents;
  }

  /// JSON may be indented by tabs, which the parser refuses in YAML of either form. In a document
  /// in braces, what a line begins with means nothing.
  private static byte[] indentedBySpaces(byte[] yaml) {
    int first = 0;
    while (first < yaml.length && isBlank(yaml[first])) {
      first++;
    }
    if (first == yaml.length || (yaml[first] != '{' && yaml[first] != '[')) {
      return yaml;
    }
    byte[] spaced = yaml.clone();
    boolean indent = true;
    for (int i = 0; i < spaced.length; i++) {
      if (indent && spaced[i] == '\t') {
        spaced[i] = ' ';
      }
      indent = spaced[i] == '\n' || (indent && spaced[i] == ' ');
    }
    return spaced;
  }

  private static boolean isBlank(byte letter) {
    return letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r';
  }

  public static List<YamlDocument> parse(String yaml) {
    return parse(yaml.getBytes(StandardCharsets.UTF_8));
  }

  /// Reads the one document of a request.
  ///
  /// @throws ApiException with BadRequest when it is broken, empty or more than one
  public static YamlDocument parseOne(byte[] yaml) {
    List<YamlDocument> documents = parse(yaml);
    if (documents.size() != 1) {
      throw new ApiException(
          new ApiError.BadRequest(
              documents.isEmpty()
                  ? "the body is empty: expected one YAML document"
                  : "expected one YAML document, got " + documents.size()));
    }
    return documents.getFirst();
  }

  private static String lineOf(MarkedYamlEngineException e) {
    return e.getProblemMark()
        .or(e::getContextMark)
        .map(mark -> "line " + (mark.getLine() + 1) + ": ")
        .orElse("");
  }

  private static ApiException refused(String what, Exception cause) {
    return new ApiException(
        new ApiError.BadRequest("error converting YAML to JSON: yaml: " + what), cause);
  }

  /// Block style, keys sorted, as `kubectl -o yaml` prints.
  public static String write(JsonNode content) {
    return new YamlWriter().write(content);
  }

  public static String write(Message message) {
    return write(new JsonCodec().toTree(message));
  }
}
