package io.coxswain.client.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.api.core.v1.Event;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.ApiException;
import io.coxswain.schema.ResourceType;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelectorsTest {

  private static final Map<String, String> LABELS = Map.of("app", "web", "tier", "a", "n", "5");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | true | ''",
        "app=web | true | app=web",
        "app==web | true | app=web",
        " app = web , tier != b | true | app=web,tier!=b",
        "app!=web | false | app!=web",
        "missing!=x | true | missing!=x",
        "app in (web, api) | true | app in (api,web)",
        "app in (api) | false | app=api",
        "app notin (api,db) | true | app notin (api,db)",
        "app | true | app",
        "!app | false | !app",
        "!missing | true | !missing",
        "n>4 | true | n>4",
        "n<5 | false | n<5",
        "app>4 | false | app>4",
        "example.com/x=y | false | example.com/x=y",
        "app= | false | app=",
      })
  void labels(String selector, boolean matches, String canonical) {
    LabelMatcher matcher = Selectors.labels(selector);
    assertThat(matcher.test(LABELS)).isEqualTo(matches);
    assertThat(matcher).hasToString(canonical);
    assertThat(Selectors.labels(canonical)).isEqualTo(matcher);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "=x", "a in", "a in x", "a in (x", "a b", "a=b c", "a,", "a/b/c=1", "a=-", "a>x", ",a", "!"
      })
  void refusesBadLabelSelectors(String selector) {
    assertThatThrownBy(() -> Selectors.labels(selector))
        .as(selector)
        .isInstanceOf(ApiException.class)
        .hasMessageContaining(selector);
  }

  @Test
  void anEventsSourceIsWhoReportedItInItsNewerForm() {
    var events = ResourceType.of(Event.class);
    Event.Builder old = Event.newBuilder().setReportingComponent("b");
    old.getSourceBuilder().setComponent("a");
    Event recent = Event.newBuilder().setReportingComponent("b").build();
    assertThat(Selectors.fields(events, "source=a").test(old.build())).isTrue();
    assertThat(Selectors.fields(events, "source=b").test(old.build())).isFalse();
    assertThat(Selectors.fields(events, "source=b").test(recent)).isTrue();
  }

  @Test
  void eventsInTheirNewerFormAreSelectedByTheirOwnNames() {
    var events = ResourceType.of(io.coxswain.api.events.v1.Event.class);
    var event =
        io.coxswain.api.events.v1.Event.newBuilder()
            .setReportingController("c")
            .setReason("r")
            .build();
    assertThat(Selectors.fields(events, "reportingController=c,reason=r").test(event)).isTrue();
    assertThat(Selectors.fields(events, "reportingController=d").test(event)).isFalse();
  }

  @Test
  void fields() {
    var pods = ResourceType.of(Pod.class);
    Pod.Builder builder = Pod.newBuilder();
    builder.getMetadataBuilder().setName("a").setNamespace("x");
    builder.getSpecBuilder().setNodeName("n1");
    Pod pod = builder.build();
    assertThat(Selectors.fields(pods, "").isEverything()).isTrue();
    assertThat(Selectors.fields(pods, "spec.nodeName=n1,metadata.name!=b").test(pod)).isTrue();
    assertThat(Selectors.fields(pods, "spec.nodeName==n2").test(pod)).isFalse();
    assertThat(Selectors.fields(pods, "spec.nodeName=").test(pod)).isFalse();
    assertThat(Selectors.fields(pods, "status.phase=").test(pod)).isTrue();
    assertThat(Selectors.fields(pods, "spec.hostNetwork=false").test(pod)).isTrue();
    assertThat(Selectors.fields(pods, "spec.nodeName=n1").required("spec.nodeName")).contains("n1");
    assertThat(Selectors.fields(pods, "metadata.name=a\\,b\\=c").terms().getFirst().value())
        .isEqualTo("a,b=c");
    Event.Builder event = Event.newBuilder();
    event.getInvolvedObjectBuilder().setName("a");
    event.getSourceBuilder().setComponent("scheduler");
    assertThat(
            Selectors.fields(ResourceType.of(Event.class), "involvedObject.name=a,source=scheduler")
                .test(event.build()))
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"spec.foo=1", "nodeName", "=x", "spec.containers=1", "metadata.name=a\\b"})
  void refusesBadFieldSelectors(String selector) {
    assertThatThrownBy(() -> Selectors.fields(ResourceType.of(Pod.class), selector))
        .isInstanceOf(ApiException.class);
  }
}
