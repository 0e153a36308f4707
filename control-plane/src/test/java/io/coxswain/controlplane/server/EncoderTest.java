package io.coxswain.controlplane.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.codec.ProtoEnvelope;
import io.coxswain.controlplane.registry.Listing;
import io.coxswain.controlplane.server.Negotiation.Format;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.schema.ResourceType;
import io.coxswain.schema.Schema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EncoderTest {

  private static final ResourceType<?> MAPS =
      Schema.api().find("", "v1", "configmaps").orElseThrow();

  private final Encoder encoder = new Encoder();

  private static Listing maps(int count) {
    return new Listing(
        IntStream.range(0, count).mapToObj(EncoderTest::map).toList(),
        "7",
        count > 2 ? "more" : "",
        count > 2 ? OptionalLong.of(5) : OptionalLong.empty());
  }

  private static CachedObject map(int number) {
    return CachedObject.unstored(
        new ObjectKey("default", "m" + number),
        ConfigMap.newBuilder()
            .setMetadata(ObjectMeta.newBuilder().setName("m" + number).setNamespace("default"))
            .putData("text", "\"é\"\n")
            .build());
  }

  private byte[] list(Listing listing, boolean pretty) throws IOException {
    return list(listing, Format.JSON, pretty);
  }

  private byte[] list(Listing listing, Format format, boolean pretty) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    encoder.list(MAPS, listing, format, pretty, out);
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void aListForPeopleIsTheOtherWithIndents(int count) throws IOException {
    Listing listing = maps(count);

    assertThat(list(listing, true))
        .asString()
        .isEqualTo(text(encoder.indent(list(listing, false))));
  }

  @Test
  void itemsDoNotSayAgainWhatTheyAre() throws IOException {
    assertThat(text(list(maps(1), true)))
        .isEqualTo(
            """
            {
              "kind": "ConfigMapList",
              "apiVersion": "v1",
              "metadata": {
                "resourceVersion": "7"
              },
              "items": [
                {
                  "metadata": {
                    "name": "m0",
                    "namespace": "default"
                  },
                  "data": {
                    "text": "\\"é\\"\\n"
                  }
                }
              ]
            }
            """);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 3000})
  void protobufInPiecesIsTheSameAsAWhole(int count) throws IOException {
    Listing listing = maps(count);

    assertThat(list(listing, Format.PROTOBUF, false))
        .isEqualTo(ProtoEnvelope.encode(Encoder.listMessage(MAPS, listing)));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
  }
}
