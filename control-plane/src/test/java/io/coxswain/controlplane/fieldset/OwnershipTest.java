package io.coxswain.controlplane.fieldset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import io.coxswain.api.apps.v1.Deployment;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Service;
import io.coxswain.api.meta.v1.ManagedFieldsEntry;
import io.coxswain.api.meta.v1.Time;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Strictness;
import io.coxswain.client.codec.YamlCodec;
import io.coxswain.controlplane.fieldset.FieldOwner.Operation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// Who owns what after updates and applies of messages.
class OwnershipTest {

  private static final JsonCodec CODEC = new JsonCodec();

  /// An object and its books, as they come out of a row of writes.
  private record State<T extends Message>(T object, Books books, List<Ownership.Conflict> refused) {

    static <T extends Message> State<T> of(T nothing) {
      return new State<>(nothing, Books.EMPTY, List.of());
    }

    State<T> applied(String who, String yaml) throws Exception {
      return applied(who, yaml, false);
    }

    @SuppressWarnings("unchecked") // an apply keeps the kind
    State<T> applied(String who, String yaml, boolean force) throws Exception {
      Ownership.Applied<Object> applied =
          ownership(who, Operation.APPLY)
              .applied(
                  MessageShapes.of(object.getDescriptorForType()),
                  object,
                  parsed(object, yaml),
                  books,
                  force,
                  FieldSet.EMPTY);
      return switch (applied) {
        case Ownership.Done<Object>(Object now, Books owners) ->
            new State<>((T) now, reread(owners), List.of());
        case Ownership.Refused<Object>(List<Ownership.Conflict> conflicts) ->
            new State<>(object, books, conflicts);
      };
    }

    State<T> updated(String who, String yaml) throws Exception {
      T now = parsed(object, yaml);
      Comparison change =
          Comparison.of(MessageShapes.of(object.getDescriptorForType()), object, now);
      return new State<>(
          now, reread(ownership(who, Operation.UPDATE).written(books, change)), List.of());
    }

    /// As it comes back from the store.
    private static Books reread(Books books) throws Exception {
      return Books.read(books.entries());
    }

    List<String> owned(String who) {
      List<String> paths = new ArrayList<>();
      books
          .shares()
          .forEach((manager, share) -> {
            if (manager.name().equals(who)) {
              paths.addAll(share.fields().paths());
            }
          });
      return paths;
    }
  }

  private static Ownership ownership(String who, Operation operation) {
    return new Ownership(
        new FieldOwner(who, operation, "v1", ""),
        "v1",
        FieldSet.EMPTY,
        Time.newBuilder().setSeconds(1_700_000_000).build());
  }

  @SuppressWarnings("unchecked") // a prototype's decoding is of its class
  private static <T extends Message> T parsed(T prototype, String yaml) {
    return (T)
        CODEC
            .decode(
                YamlCodec.parseOne(yaml.getBytes(StandardCharsets.UTF_8)).content(),
                prototype.getDefaultInstanceForType(),
                Strictness.STRICT)
            .message();
  }

  private static final String WEB =
      """
      metadata: {name: web, labels: {app: web}}
      spec:
        replicas: 2
        template:
          spec:
            containers:
            - name: web
              image: web:1
              ports: [{containerPort: 80}]
      """;

  @Test
  void anApplierOwnsWhatItNames() throws Exception {
    assertThat(State.of(Deployment.getDefaultInstance()).applied("me", WEB).owned("me"))
        .containsExactly(
            ".metadata.labels.app",
            ".spec.replicas",
            ".spec.template.spec.containers[name=\"web\"]",
            ".spec.template.spec.containers[name=\"web\"].image",
            ".spec.template.spec.containers[name=\"web\"].name",
            ".spec.template.spec.containers[name=\"web\"].ports"
                + "[containerPort=80,protocol=\"TCP\"]",
            ".spec.template.spec.containers[name=\"web\"].ports"
                + "[containerPort=80,protocol=\"TCP\"].containerPort");
  }

  @Test
  void aCreatorOwnsWhatItMakesAndWhatHoldsIt() throws Exception {
    State<Deployment> made = State.of(Deployment.getDefaultInstance()).updated("me", WEB);
    assertThat(
            FieldsV1.encode(made.books().shares().values().iterator().next().fields())
                .toStringUtf8())
        .isEqualTo(
            "{\"f:metadata\":{\"f:labels\":{\".\":{},\"f:app\":{}}},"
                + "\"f:spec\":{\"f:replicas\":{},\"f:template\":{\"f:spec\":{\"f:containers\":{"
                + "\"k:{\\\"name\\\":\\\"web\\\"}\":{\".\":{},\"f:image\":{},\"f:name\":{},"
                + "\"f:ports\":{\".\":{},"
                + "\"k:{\\\"containerPort\\\":80,\\\"protocol\\\":\\\"TCP\\\"}\":{\".\":{},"
                + "\"f:containerPort\":{}}},\"f:resources\":{}}}}}}}");
  }

  @Test
  void whatAnotherWroteConflicts() throws Exception {
    State<Deployment> state =
        State.of(Deployment.getDefaultInstance())
            .applied("me", WEB)
            .updated("scaler", WEB.replace("replicas: 2", "replicas: 5"));
    assertThat(state.owned("scaler")).containsExactly(".spec.replicas");
    assertThat(state.owned("me")).doesNotContain(".spec.replicas");

    State<Deployment> again = state.applied("me", WEB);
    assertThat(again.refused())
        .extracting(Ownership.Conflict::field)
        .containsExactly(".spec.replicas");
    assertThat(again.refused().getFirst().manager()).hasToString("\"scaler\" using v1");

    State<Deployment> forced = state.applied("me", WEB, true);
    assertThat(forced.object().getSpec().getReplicas()).isEqualTo(2);
    assertThat(forced.owned("scaler")).isEmpty();
    assertThat(forced.owned("me")).contains(".spec.replicas");
  }

  @Test
  void theSameValueIsShared() throws Exception {
    State<Deployment> both =
        State.of(Deployment.getDefaultInstance())
            .applied("me", WEB)
            .applied("you", "{metadata: {name: web}, spec: {replicas: 2}}");
    assertThat(both.refused()).isEmpty();
    assertThat(both.owned("you")).containsExactly(".spec.replicas");
    assertThat(both.owned("me")).contains(".spec.replicas");

    State<Deployment> left = both.applied("me", WEB.replace("  replicas: 2\n", ""));
    assertThat(left.object().getSpec().getReplicas()).isEqualTo(2);
    assertThat(left.applied("you", "{metadata: {name: web}}").object().getSpec().hasReplicas())
        .isFalse();
  }

  @Test
  void whatIsNoLongerAppliedGoes() throws Exception {
    State<Deployment> state =
        State.of(Deployment.getDefaultInstance())
            .applied("me", WEB)
            .applied(
                "me",
                """
                metadata: {name: web}
                spec: {template: {spec: {containers: [{name: other, image: o}]}}}
                """);
    assertThat(state.object().getMetadata().getLabelsMap()).isEmpty();
    assertThat(state.object().getSpec().hasReplicas()).isFalse();
    assertThat(state.object().getSpec().getTemplate().getSpec().getContainersList())
        .extracting(container -> container.getName())
        .containsExactly("other");
  }

  @Test
  void whatOthersOwnStays() throws Exception {
    State<ConfigMap> state =
        State.of(ConfigMap.getDefaultInstance())
            .applied("me", "{metadata: {name: c}, data: {a: '1', b: '2'}}")
            .applied("you", "{metadata: {name: c}, data: {b: '2', c: '3'}}")
            .applied("me", "{metadata: {name: c}}");
    assertThat(state.object().getDataMap()).containsOnlyKeys("b", "c");
    assertThat(state.owned("me")).isEmpty();
  }

  @Test
  void aParentGoesWithTheLastFieldThatSomebodyOwns() throws Exception {
    String rolling =
        "{metadata: {name: d}, spec: {replicas: 1, strategy: {rollingUpdate: {maxSurge: 1}}}}";
    State<Deployment> state = State.of(Deployment.getDefaultInstance()).applied("me", rolling);
    State<Deployment> completed =
        new State<>(
            state.object().toBuilder()
                .setSpec(
                    parsed(
                            state.object(),
                            rolling.replace("maxSurge: 1", "maxSurge: 1, maxUnavailable: 2"))
                        .getSpec())
                .build(),
            state.books(),
            List.of());
    State<Deployment> after = completed.applied("me", "{metadata: {name: d}, spec: {replicas: 1}}");
    assertThat(after.object().getSpec().hasStrategy()).isFalse();
    assertThat(after.object().getSpec().getReplicas()).isEqualTo(1);
  }

  @Test
  void elementsKeepAnOrder() throws Exception {
    String pod = "{metadata: {name: p}, spec: {containers: [%s]}}";
    State<Pod> state =
        State.of(Pod.getDefaultInstance())
            .updated("x", pod.formatted("{name: a}, {name: b}, {name: c}"))
            .applied("me", pod.formatted("{name: c}, {name: new}, {name: a}"));
    assertThat(state.object().getSpec().getContainersList())
        .extracting(container -> container.getName())
        .containsExactly("b", "c", "new", "a");
  }

  @Test
  void setsAreOwnedByTheirValues() throws Exception {
    String meta = "{metadata: {name: s, finalizers: [%s]}}";
    State<Service> state =
        State.of(Service.getDefaultInstance())
            .applied("me", meta.formatted("x/a, x/b"))
            .applied("you", meta.formatted("x/b, x/c"))
            .applied("me", meta.formatted("x/a"));
    assertThat(state.object().getMetadata().getFinalizersList())
        .containsExactly("x/a", "x/b", "x/c");
    assertThat(state.owned("you"))
        .containsExactly(".metadata.finalizers[=\"x/b\"]", ".metadata.finalizers[=\"x/c\"]");
  }

  @Test
  void atomicPartsAreOwnedAsOne() throws Exception {
    String selector = "{metadata: {name: s}, spec: {selector: {%s}}}";
    State<Service> state =
        State.of(Service.getDefaultInstance()).applied("me", selector.formatted("app: a"));
    assertThat(state.owned("me")).containsExactly(".spec.selector");
    assertThat(state.applied("you", selector.formatted("tier: b")).refused())
        .extracting(Ownership.Conflict::field)
        .containsExactly(".spec.selector");
  }

  @Test
  void elementsThatCannotBeToldApartAreRefused() {
    String pod = "{metadata: {name: p}, spec: {containers: [%s]}}";
    assertThatThrownBy(() ->
            State.of(Pod.getDefaultInstance()).applied("me", pod.formatted("{name: a}, {name: a}")))
        .isInstanceOf(Configuration.AmbiguousException.class)
        .hasMessageContaining(".spec.containers: duplicate entries for key [name=\"a\"]");
    assertThatThrownBy(
            () -> State.of(Pod.getDefaultInstance()).applied("me", pod.formatted("{image: a}")))
        .isInstanceOf(Configuration.AmbiguousException.class)
        .hasMessageContaining("omits key field \"name\"");
  }

  @Test
  void theOldestUpdatersAreOne() throws Exception {
    State<ConfigMap> state = State.of(ConfigMap.getDefaultInstance());
    StringBuilder data = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      data.append("k").append(i).append(": v, ");
      state = state.updated("m" + (10 + i), "{metadata: {name: c}, data: {" + data + "}}");
    }
    assertThat(state.books().entries()).hasSize(10);
    assertThat(state.owned("ancient-changes"))
        .contains(".data.k0", ".data.k1", ".data.k2")
        .doesNotContain(".data.k3");
  }

  @Test
  void quantitiesAreComparedByWhatTheyMean() throws Exception {
    String pod =
        "{metadata: {name: p}, spec: {containers: [{name: a, resources: {limits: {cpu: '%s'}}}]}}";
    State<Pod> state =
        State.of(Pod.getDefaultInstance())
            .applied("me", pod.formatted("1"))
            .applied("you", pod.formatted("1000m"));
    assertThat(state.refused()).isEmpty();
    assertThat(state.applied("you", pod.formatted("2")).refused()).isNotEmpty();
  }

  /// Whatever is applied: doing it again changes nothing, and what nobody else owns of what was
  /// applied is gone once nothing is.
  @Test
  void anyApplyHoldsWhatItPromises() throws Exception {
    RandomGenerator random = new SplittableRandom(11);
    for (int i = 0; i < 300; i++) {
      State<Deployment> state = State.of(Deployment.getDefaultInstance());
      for (int j = 0; j < 4; j++) {
        String who = random.nextBoolean() ? "me" : "you";
        String config = randomDeployment(random);
        state =
            random.nextInt(3) == 0
                ? state.updated("upd", config)
                : state.applied(who, config, true);
        if (!state.books().of(new FieldOwner(who, Operation.APPLY, "", "")).isPresent()) {
          continue;
        }
        State<Deployment> forced = state.applied(who, config, true);
        State<Deployment> again = forced.applied(who, config, false);
        assertThat(again.refused()).as("seed 11, round %s", i).isEmpty();
        assertThat(again.object()).isEqualTo(forced.object());
        assertThat(again.books().entries()).isEqualTo(forced.books().entries());
        Deployment wanted = parsed(state.object(), config);
        assertThat(
                Configuration.merged(
                    MessageShapes.of(wanted.getDescriptorForType()),
                    forced.object(),
                    (Object) wanted))
            .isEqualTo(forced.object());
      }
    }
  }

  private static String randomDeployment(RandomGenerator random) {
    StringBuilder yaml = new StringBuilder("metadata: {name: d, labels: {a: b");
    for (int i = 0; i < random.nextInt(3); i++) {
      yaml.append(", l")
          .append(random.nextInt(4))
          .append(i)
          .append(": v")
          .append(random.nextInt(2));
    }
    yaml.append("}}\nspec:\n  paused: ").append(random.nextBoolean()).append('\n');
    if (random.nextBoolean()) {
      yaml.append("  replicas: ").append(random.nextInt(3)).append('\n');
    }
    yaml.append("  template: {spec: {containers: [");
    int from = random.nextInt(3);
    for (int i = from; i < from + 1 + random.nextInt(3); i++) {
      yaml.append("{name: c").append(i).append(", image: i").append(random.nextInt(2));
      if (random.nextBoolean()) {
        yaml.append(", args: [x").append(random.nextInt(2)).append(']');
      }
      if (random.nextBoolean()) {
        yaml.append(", env: [{name: E, value: v").append(random.nextInt(2)).append("}]");
      }
      yaml.append("}, ");
    }
    return yaml.append("]}}\n").toString();
  }

  @Test
  void booksThatCannotBeReadAreSaidToBe() {
    assertThatThrownBy(
            () -> Books.read(List.of(ManagedFieldsEntry.newBuilder().setManager("x").build())))
        .isInstanceOf(FieldsV1.MalformedException.class);
  }
}
