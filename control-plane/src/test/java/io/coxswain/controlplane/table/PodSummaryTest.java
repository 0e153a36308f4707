package io.coxswain.controlplane.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Strictness;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PodSummaryTest {

  private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

  record Case(String about, String json, String expected) {
    @Override
    public String toString() {
      return about;
    }
  }

  static Stream<Case> cases() {
    String two = "'spec':{'containers':[{'name':'a'},{'name':'b'}]}";
    String init = "'spec':{'initContainers':[{'name':'i'}],'containers':[{'name':'a'}]}";
    return Stream.of(
        new Case("new", "{" + two + ",'status':{'phase':'Pending'}}", "0/2 Pending 0"),
        new Case(
            "running",
            "{"
                + two
                + ",'status':{'phase':'Running','containerStatuses':["
                + running("a", 0)
                + ","
                + running("b", 0)
                + "]}}",
            "2/2 Running 0"),
        new Case(
            "half ready, restarted",
            "{"
                + two
                + ",'status':{'phase':'Running','containerStatuses':["
                + running("a", 0)
                + ",{'name':'b','restartCount':3,'state':{'waiting':{'reason':'CrashLoopBackOff'}},"
                + "'lastState':{'terminated':{'exitCode':1,'finishedAt':'2026-11-23T11:55:00Z'}}}]}}",
            "1/2 CrashLoopBackOff 3 (5m ago)"),
        new Case(
            "killed",
            "{"
                + two
                + ",'status':{'phase':'Failed','containerStatuses':["
                + "{'name':'a','state':{'terminated':{'exitCode':137,'reason':'OOMKilled'}}}]}}",
            "0/2 OOMKilled 0"),
        new Case(
            "by a signal",
            "{"
                + two
                + ",'status':{'phase':'Failed','containerStatuses':["
                + "{'name':'a','state':{'terminated':{'exitCode':137,'signal':9}}}]}}",
            "0/2 Signal:9 0"),
        new Case(
            "initializing",
            "{"
                + init
                + ",'status':{'phase':'Pending','initContainerStatuses':["
                + "{'name':'i','state':{'running':{'startedAt':'2026-11-23T11:55:00Z'}}}]}}",
            "0/1 Init:0/1 0"),
        new Case(
            "init failed",
            "{"
                + init
                + ",'status':{'phase':'Pending','initContainerStatuses':["
                + "{'name':'i','restartCount':2,'state':{'terminated':{'exitCode':3}}}]}}",
            "0/1 Init:ExitCode:3 2"),
        new Case(
            "terminating",
            "{'metadata':{'deletionTimestamp':'2026-11-23T11:59:00Z'},"
                + two
                + ",'status':{'phase':'Running'}}",
            "0/2 Terminating 0"),
        new Case(
            "done",
            "{'metadata':{'deletionTimestamp':'2026-11-23T11:59:00Z'},"
                + two
                + ",'status':{'phase':'Succeeded'}}",
            "0/2 Succeeded 0"),
        new Case(
            "evicted",
            "{" + two + ",'status':{'phase':'Failed','reason':'Evicted'}}",
            "0/2 Evicted 0"));
  }

  private static String running(String name, int restarts) {
    return "{'name':'"
        + name
        + "','ready':true,'restartCount':"
        + restarts
        + ",'state':{'running':{'startedAt':'2026-11-23T11:55:00Z'}}}";
  }

  @ParameterizedTest
  @MethodSource("cases")
  void sumsUp(Case given) {
    Pod pod =
        new JsonCodec()
            .decode(
                given.json().replace('\'', '"').getBytes(StandardCharsets.UTF_8),
                Pod.getDefaultInstance(),
                Strictness.STRICT)
            .message();
    PodSummary summary = new PodSummary(pod);
    assertThat(summary.ready() + " " + summary.status() + " " + summary.restarts(NOW))
        .isEqualTo(given.expected());
  }

  @ParameterizedTest
  @CsvSource({
    "PT-5S,<invalid>", "PT0S,0s", "PT119S,119s", "PT2M,2m", "PT5M30S,5m30s", "PT12M30S,12m",
    "PT2H59M,179m", "PT3H20M,3h20m", "PT4H,4h", "PT40H,40h", "PT76H,3d4h", "P30D,30d",
    "P735D,2y5d", "P4000D,10y"
  })
  void agesAreShort(Duration age, String expected) {
    assertThat(Ages.human(age)).isEqualTo(expected);
  }
}
