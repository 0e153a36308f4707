package io.coxswain.node.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.client.codec.JsonTrees;
import io.coxswain.node.runtime.ContainerRecord.Origin;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;

final class ContainerRecordsTest {

  private static final ContainerRecord WHOLE =
      new ContainerRecord(
          "0a",
          "u1",
          "main",
          3,
          "host:///",
          "sha256:1",
          "image@sha256:1",
          "boot",
          7,
          6,
          15,
          137,
          Instant.parse("2026-11-29T12:00:00.5Z"),
          Instant.parse("2026-11-29T12:00:01Z"),
          Instant.parse("2026-11-29T12:00:02.000000001Z"),
          "Error",
          "last \"words\"\n",
          new Granted(Map.of("cpu", "100m"), Map.of("memory", "1Gi")),
          new Origin("s1", "crun"));

  private static ContainerRecord read(String json) {
    return ContainerRecords.read(JsonTrees.read(json));
  }

  @Test
  void everyComponentComesBack() {
    assertThat(read(JsonTrees.text(ContainerRecords.tree(WHOLE)))).isEqualTo(WHOLE);
  }

  @Test
  void aLineOfAnAgentBeforeIsRead() {
    assertThat(
            read(
                """
                {"attempt":3,"bootId":"boot","container":"main","createdAt":"2026-11-29T12:00:00.500Z",\
                "exitCode":137,"finishedAt":"2026-11-29T12:00:02.000000001Z",\
                "granted":{"limits":{"memory":"1Gi"},"requests":{"cpu":"100m"}},"id":"0a",\
                "image":"host:///","imageId":"sha256:1","imageReference":"image@sha256:1",\
                "message":"last \\"words\\"\\n","monitorPid":6,"origin":{"runtime":"crun","sandbox":"s1"},\
                "pid":7,"podUid":"u1","reason":"Error","startedAt":"2026-11-29T12:00:01Z","stopSignal":15}\
                """))
        .isEqualTo(WHOLE);
  }

  @Test
  void ofWhatIsNotThereNothingIsKnown() {
    ContainerRecord read = read("{\"id\":\"0a\",\"granted\":null,\"ofALaterAgent\":{\"a\":1}}");
    assertThat(read.id()).isEqualTo("0a");
    assertThat(read.running()).isFalse();
    assertThat(read.ended()).isFalse();
    assertThat(read.granted()).isEqualTo(Granted.NOTHING);
    assertThat(read.origin()).isEqualTo(Origin.UNKNOWN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "{\"id\":5}",
        "{\"id\":\"0a\",\"pid\":\"seven\"}",
        "{\"id\":\"0a\",\"createdAt\":\"yesterday\"}",
        "{\"id\":\"0a\",\"granted\":{\"limits\":{\"cpu\":1}}}"
      })
  void whatIsNoneIsRefused(String json) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOfAny(JacksonException.class, IllegalArgumentException.class);
  }
}
