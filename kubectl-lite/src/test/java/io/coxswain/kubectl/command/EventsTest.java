package io.coxswain.kubectl.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventsTest extends AgainstFakeServer {

  private static final String EVENTS = "/api/v1/namespaces/default/events";

  @BeforeEach
  void events() {
    server.on(
        "GET " + EVENTS,
        """
        {"items": [
          {"metadata": {"name": "b", "namespace": "default"}, "type": "Warning", "reason": "BackOff", "message": "again\\nand again", "count": 5,
           "firstTimestamp": "2026-03-01T11:50:00Z", "lastTimestamp": "2026-03-01T11:59:00Z", "involvedObject": {"kind": "Pod", "name": "web"}},
          {"metadata": {"name": "a", "namespace": "default"}, "type": "Normal", "reason": "Scheduled", "message": "to n1",
           "eventTime": "2026-03-01T11:00:00.000000Z", "involvedObject": {"kind": "Pod", "name": "web"}}]}
        """);
  }

  @Test
  void theOldestIsFirst() {
    assertThat(run("events").out())
        .isEqualTo(
            """
            LAST SEEN           TYPE      REASON      OBJECT    MESSAGE
            60m                 Normal    Scheduled   Pod/web   to n1
            60s (x5 over 10m)   Warning   BackOff     Pod/web   again and again
            """);
  }

  @Test
  void someAreAskedForAndSomeLeftOut() {
    assertThat(run("events --types=Warning --no-headers --for pod/web").out())
        .isEqualTo("60s (x5 over 10m)   Warning   BackOff   Pod/web   again and again\n");
    assertThat(server.asked().getFirst().uri())
        .endsWith("fieldSelector=involvedObject.kind%3DPod%2CinvolvedObject.name%3Dweb");
  }

  @Test
  void noneIsSaid() {
    server.on("GET /api/v1/events", "{\"items\": []}");

    assertThat(run("events -A").err()).isEqualTo("No events found.\n");
  }
}
