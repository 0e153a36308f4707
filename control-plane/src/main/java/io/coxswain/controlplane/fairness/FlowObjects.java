package io.coxswain.controlplane.fairness;

import com.google.protobuf.Message;
import io.coxswain.api.flowcontrol.v1.FlowSchema;
import io.coxswain.api.flowcontrol.v1.PriorityLevelConfiguration;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Strictness;
import io.coxswain.client.codec.YamlCodec;
import io.coxswain.client.codec.YamlDocument;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The levels and schemas that every cluster has, from `flows.yaml`.
public final class FlowObjects {

  public static final String EXEMPT = "exempt";
  public static final String CATCH_ALL = "catch-all";

  /// Whether the server keeps an object's spec as it is here.
  static final String AUTO_UPDATE = "apf.kubernetes.io/autoupdate-spec";

  private static final String SOURCE = "flows.yaml";

  private static final class Known {
    private static final FlowObjects ALL = new FlowObjects();
  }

  private final List<FlowSchema> schemas = new ArrayList<>();
  private final List<PriorityLevelConfiguration> levels = new ArrayList<>();

  private FlowObjects() {
    for (Message object : objects()) {
      switch (object) {
        case FlowSchema schema -> schemas.add(schema);
        case PriorityLevelConfiguration level -> levels.add(level);
        default ->
            throw new IllegalStateException(
                SOURCE + " holds a " + object.getClass().getSimpleName());
      }
    }
  }

  private static List<Message> objects() {
    try (InputStream stream = FlowObjects.class.getResourceAsStream(SOURCE)) {
      if (stream == null) {
        throw new IllegalStateException(SOURCE + " is not in the program");
      }
      return YamlCodec.parse(stream.readAllBytes()).stream().map(FlowObjects::object).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Message object(YamlDocument document) {
    Message prototype =
        document.content().path("kind").asString("").equals("FlowSchema")
            ? FlowSchema.getDefaultInstance()
            : PriorityLevelConfiguration.getDefaultInstance();
    Message object =
        new JsonCodec().decode(document.content(), prototype, Strictness.STRICT).message();
    return ObjectMetas.replace(
        object, ObjectMetas.read(object).toBuilder().putAnnotations(AUTO_UPDATE, "true").build());
  }

  static List<FlowSchema> schemas() {
    return Known.ALL.schemas;
  }

  static List<PriorityLevelConfiguration> levels() {
    return Known.ALL.levels;
  }

  /// How many bits of a flow's hash it takes to deal it a hand of queues.
  public static int hashBits(int queues, int handSize) {
    return Hands.bits(queues, handSize);
  }

  static boolean isMandatory(String name) {
    return name.equals(EXEMPT) || name.equals(CATCH_ALL);
  }

  /// The only form that a schema of this name may have.
  public static Optional<FlowSchema> fixedSchema(String name) {
    return isMandatory(name)
        ? schemas().stream().filter(one -> one.getMetadata().getName().equals(name)).findFirst()
        : Optional.empty();
  }

  /// The only form that a level of this name may have; the shares of the exempt one are free.
  public static Optional<PriorityLevelConfiguration> fixedLevel(String name) {
    return isMandatory(name)
        ? levels().stream().filter(one -> one.getMetadata().getName().equals(name)).findFirst()
        : Optional.empty();
  }
}
