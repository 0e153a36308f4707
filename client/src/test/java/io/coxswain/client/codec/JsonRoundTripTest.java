package io.coxswain.client.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.coxswain.schema.ResourceType;
import io.coxswain.schema.Schema;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// What is written is read back the same, for any object of any kind; and every way of writing says
/// the same.
class JsonRoundTripTest {

  private static final int SEEDS = 20;

  private final JsonCodec codec = new JsonCodec(Long.MAX_VALUE);

  @Test
  void anyObjectOfAnyKindSurvives() {
    for (ResourceType<?> type : Schema.api().types()) {
      for (long seed = 0; seed < SEEDS; seed++) {
        Message object = new RandomObjects(seed).make((Message) type.prototype());
        String what = type + ", seed " + seed;
        byte[] json = codec.encode(object);
        Message back =
            codec.decode(json, object.getDefaultInstanceForType(), Strictness.STRICT).message();
        assertThat(back).as(what).isEqualTo(object);
        assertThat(codec.encode(back)).as(what).isEqualTo(json);
        assertThat(codec.readTree(json))
            .as(what)
            .isEqualTo(codec.readTree(codec.writeTree(codec.toTree(object))));
        assertThat(ProtoEnvelope.decode(ProtoEnvelope.encode(object))).as(what).isEqualTo(object);
        String yaml = YamlCodec.write(object);
        assertThat(YamlCodec.parseOne(yaml.getBytes(StandardCharsets.UTF_8)).content())
            .as(what)
            .isEqualTo(codec.readTree(json));
      }
    }
  }
}
