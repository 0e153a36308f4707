package io.coxswain.controlplane.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.Event;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.core.v1.ObjectReference;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.PodStatus;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.WatchEvent;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.controlplane.watch.CacheEvent;
import io.coxswain.controlplane.watch.CacheWatch;
import io.coxswain.schema.ResourceType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Lists and watches: pages, versions, selectors, and what each of them says when it cannot.
final class ReadsTest {

  private static final ResourceType<ConfigMap> MAPS = ResourceType.of(ConfigMap.class);
  private static final ResourceType<Pod> PODS = ResourceType.of(Pod.class);
  private static final Duration SOON = Duration.ofSeconds(5);

  private final TestRegistry api = TestRegistry.inMemory();

  @AfterEach
  void close() {
    api.close();
  }

  private ConfigMap map(String name, String app) {
    return api.create(
        RegistryTest.map(name).setMetadata(RegistryTest.meta(name).putLabels("app", app)).build());
  }

  private Listing list(String labels, String fields, String version, int limit, String token) {
    return api.registry.list(
        new ListQuery(MAPS, "default", labels, fields, version, "", limit, token));
  }

  @Test
  void aListSeesTheLatestWrite() {
    for (int i = 0; i < 50; i++) {
      ConfigMap made = map("a" + i, "x");
      Listing listing = list("", "", "", 0, "");
      assertThat(listing.items()).hasSize(i + 1);
      assertThat(Long.parseLong(listing.resourceVersion()))
          .isGreaterThanOrEqualTo(Long.parseLong(made.getMetadata().getResourceVersion()));
    }
  }

  @Test
  void aListIsOfOneNamespaceOrAll() {
    var _ =
        api.create(
            Namespace.newBuilder().setMetadata(ObjectMeta.newBuilder().setName("other")).build());
    var _ = map("b", "x");
    var _ = map("a", "x");
    var _ =
        api.create(
            RegistryTest.map("c")
                .setMetadata(RegistryTest.meta("c").setNamespace("other"))
                .build());

    assertThat(RegistryTest.names(api.registry.list(ListQuery.of(MAPS, "default"))))
        .containsExactly("a", "b");
    assertThat(RegistryTest.names(api.registry.list(ListQuery.of(MAPS, ""))))
        .containsExactly("a", "b", "c");
  }

  @Test
  void selectorsChoose() {
    var _ = map("a", "web");
    var _ = map("b", "db");
    assertThat(RegistryTest.names(list("app in (web,x)", "", "", 0, ""))).containsExactly("a");
    assertThat(RegistryTest.names(list("app!=web", "", "", 0, ""))).containsExactly("b");
    assertThat(RegistryTest.names(list("", "metadata.name=b", "", 0, ""))).containsExactly("b");
    assertThat(RegistryTest.names(list("app=web", "metadata.name=b", "", 0, ""))).isEmpty();
    refused(() -> list("", "spec.x=1", "", 0, ""), ApiError.BadRequest.class);
    refused(() -> list("a b c", "", "", 0, ""), ApiError.BadRequest.class);
  }

  private static void refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, Class<? extends ApiError> why) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ApiException.class, refusal -> assertThat(refusal.error()).isInstanceOf(why));
  }

  @Test
  void pagesAreOneSnapshot() {
    for (int i = 0; i < 25; i++) {
      var _ = map("m%02d".formatted(i), i % 2 == 0 ? "even" : "odd");
    }
    Listing first = list("", "", "", 10, "");
    assertThat(first.items()).hasSize(10);
    assertThat(first.remaining()).hasValue(15);
    var _ = map("m05a", "late");
    var _ = api.delete(RegistryTest.map("m24").build());

    Listing second = list("", "", "", 10, first.continueToken());
    Listing third = list("", "", "", 10, second.continueToken());
    assertThat(second.resourceVersion()).isEqualTo(first.resourceVersion());
    List<String> all = new ArrayList<>(RegistryTest.names(first));
    all.addAll(RegistryTest.names(second));
    all.addAll(RegistryTest.names(third));
    assertThat(all).hasSize(25).contains("m24").doesNotContain("m05a").isSorted();
    assertThat(third.continueToken()).isEmpty();
    assertThat(third.items()).hasSize(5);
  }

  @Test
  void pagesAreOneSnapshotAlsoWhereTheStoreTellsThem() {
    for (int i = 0; i < 9; i++) {
      var _ = map("m" + i, i % 2 == 0 ? "even" : "odd");
    }
    Listing first = list("", "", "", 3, "");
    Listing odd = list("app=odd", "", "", 2, "");
    var _ = map("m5a", "odd");
    var _ = api.delete(RegistryTest.map("m7").build());
    api.sleep(Duration.ofSeconds(76));

    Listing second = list("", "", "", 3, first.continueToken());
    Listing third = list("", "", "", 3, second.continueToken());
    assertThat(RegistryTest.names(second)).containsExactly("m3", "m4", "m5");
    assertThat(second.remaining()).hasValue(3);
    assertThat(RegistryTest.names(third)).containsExactly("m6", "m7", "m8");
    assertThat(third.continueToken()).isEmpty();
    assertThat(RegistryTest.names(list("app=odd", "", "", 2, odd.continueToken())))
        .containsExactly("m5", "m7");
  }

  @Test
  void aTokenIsOfItsList() {
    for (int i = 0; i < 3; i++) {
      var _ = map("m" + i, "x");
    }
    String token = list("", "", "", 2, "").continueToken();
    refused(
        () -> api.registry.list(new ListQuery(MAPS, "other", "", "", "", "", 2, token)),
        ApiError.BadRequest.class);
  }

  @Test
  void pagesOfASelectionAreFull() {
    for (int i = 0; i < 25; i++) {
      var _ = map("m%02d".formatted(i), i % 2 == 0 ? "even" : "odd");
    }
    Listing first = list("app=odd", "", "", 5, "");
    Listing second = list("app=odd", "", "", 5, first.continueToken());
    Listing third = list("app=odd", "", "", 5, second.continueToken());
    assertThat(first.items()).hasSize(5);
    assertThat(first.remaining()).isEmpty();
    assertThat(second.items()).hasSize(5);
    assertThat(third.items()).hasSize(2);
    assertThat(third.continueToken()).isEmpty();
  }

  @Test
  void aPageWhoseSnapshotIsForgottenHasExpired() {
    for (int i = 0; i < 5; i++) {
      var _ = map("m" + i, "x");
    }
    Listing first = list("", "", "", 2, "");
    var _ = map("late", "x");
    api.store.compact(api.store.revision());
    assertThat(RegistryTest.names(list("", "", "", 2, first.continueToken())))
        .containsExactly("m2", "m3");
    api.sleep(Duration.ofSeconds(76));
    refused(() -> list("", "", "", 2, first.continueToken()), ApiError.Expired.class);
  }

  @Test
  void theRestOfAForgottenSnapshotIsReadAsItIs() {
    for (int i = 0; i < 8; i++) {
      var _ = map("m" + i, "x");
    }
    Listing first = list("", "", "", 2, "");
    var _ = map("m2a", "x");
    var _ = api.delete(RegistryTest.map("m4").build());
    api.store.compact(api.store.revision());
    api.sleep(Duration.ofSeconds(76));

    String token = tokenOfRefusal(first);
    Listing second = list("", "", "", 3, token);
    assertThat(second.resourceVersion()).isNotEqualTo(first.resourceVersion());
    assertThat(second.remaining()).hasValue(3);
    var _ = map("m9", "x");
    Listing third = list("", "", "", 10, second.continueToken());

    assertThat(RegistryTest.names(second)).containsExactly("m2", "m2a", "m3");
    assertThat(RegistryTest.names(third)).containsExactly("m5", "m6", "m7");
    assertThat(third.resourceVersion()).isEqualTo(second.resourceVersion());
  }

  private String tokenOfRefusal(Listing first) {
    try {
      var _ = list("", "", "", 2, first.continueToken());
    } catch (ApiException refusal) {
      return ((ApiError.Expired) refusal.error()).continueToken();
    }
    throw new AssertionError("the snapshot is still there");
  }

  @Test
  void aVersionIsWaitedForAndThenTooLarge() {
    ConfigMap made = map("a", "x");
    assertThat(list("", "", made.getMetadata().getResourceVersion(), 0, "").items()).hasSize(1);
    assertThat(list("", "", "0", 0, "").items()).isNotEmpty();
    refused(() -> list("", "", "999999", 0, ""), ApiError.Timeout.class);
    refused(() -> list("", "", "nonsense", 0, ""), ApiError.BadRequest.class);
    refused(() -> list("", "", "", 2, "nonsense"), ApiError.BadRequest.class);
  }

  @Test
  void anExactListIsOfThatVersion() {
    ConfigMap first = map("a", "x");
    var _ = map("b", "x");
    Listing exact =
        api.registry.list(
            new ListQuery(
                MAPS, "default", "", "", first.getMetadata().getResourceVersion(), "Exact", 0, ""));
    assertThat(RegistryTest.names(exact)).containsExactly("a");
    assertThat(exact.resourceVersion()).isEqualTo(first.getMetadata().getResourceVersion());
  }

  @Test
  void aWatchGoesOnWhereAListEnded() throws InterruptedException {
    var _ = map("a", "x");
    Listing listing = list("", "", "", 0, "");
    try (CacheWatch watch =
        api.registry.watch(WatchQuery.of(MAPS, "default", listing.resourceVersion()))) {
      ConfigMap made = map("b", "x");
      ConfigMap changed = api.update(made.toBuilder().putData("k", "2").build());
      var _ = api.delete(changed);

      assertThat(next(watch, WatchEvent.Type.ADDED).message()).isEqualTo(made);
      assertThat(next(watch, WatchEvent.Type.MODIFIED).message()).isEqualTo(changed);
      ConfigMap last = (ConfigMap) next(watch, WatchEvent.Type.DELETED).message();
      assertThat(last.getDataMap()).isEqualTo(changed.getDataMap());
      assertThat(Long.parseLong(last.getMetadata().getResourceVersion()))
          .isGreaterThan(Long.parseLong(changed.getMetadata().getResourceVersion()));
    }
  }

  private static io.coxswain.controlplane.watch.CachedObject next(
      CacheWatch watch, WatchEvent.Type type) throws InterruptedException {
    CacheEvent event = watch.next(SOON).orElseThrow();
    assertThat(event.type()).isEqualTo(type);
    return event.object();
  }

  @Test
  void aWatchWithoutAVersionBeginsWithTheState() throws InterruptedException {
    var _ = map("a", "x");
    var _ = map("b", "x");
    try (CacheWatch watch = api.registry.watch(WatchQuery.of(MAPS, "default", ""))) {
      assertThat(next(watch, WatchEvent.Type.ADDED).key().name()).isEqualTo("a");
      assertThat(next(watch, WatchEvent.Type.ADDED).key().name()).isEqualTo("b");
      var _ = map("c", "x");
      assertThat(next(watch, WatchEvent.Type.ADDED).key().name()).isEqualTo("c");
    }
  }

  @Test
  void theStateAtTheBeginningCanBeMarked() throws InterruptedException {
    var _ = map("a", "x");
    try (CacheWatch watch =
        api.registry.watch(new WatchQuery(MAPS, "default", "", "", "", true, true))) {
      assertThat(next(watch, WatchEvent.Type.ADDED).key().name()).isEqualTo("a");
      ObjectMeta mark = ObjectMetas.read(next(watch, WatchEvent.Type.BOOKMARK).message());
      assertThat(mark.getAnnotationsMap()).containsEntry("k8s.io/initial-events-end", "true");
      assertThat(mark.getResourceVersion()).isNotEmpty();
    }
  }

  @Test
  void anObjectEntersAndLeavesASelection() throws InterruptedException {
    Pod made = api.create(RegistryTest.pod("a").build());
    WatchQuery running =
        new WatchQuery(
            PODS,
            "default",
            "app=web",
            "status.phase=Running",
            made.getMetadata().getResourceVersion(),
            false,
            false);
    try (CacheWatch watch = api.registry.watch(running)) {
      Pod started = report(made, "Running");
      Pod failed = report(started, "Failed");
      var _ = report(failed, "Running");
      assertThat(next(watch, WatchEvent.Type.ADDED).message()).isEqualTo(started);
      Pod left = (Pod) next(watch, WatchEvent.Type.DELETED).message();
      assertThat(left.getStatus().getPhase()).isEqualTo("Running");
      assertThat(left.getMetadata().getResourceVersion())
          .isEqualTo(failed.getMetadata().getResourceVersion());
      assertThat(next(watch, WatchEvent.Type.ADDED).key().name()).isEqualTo("a");
    }
  }

  private Pod report(Pod pod, String phase) {
    return api.updateStatus(
        pod.toBuilder().setStatus(PodStatus.newBuilder().setPhase(phase)).build());
  }

  @Test
  void watchersThatSeeAnEventAlikeShareIt() throws InterruptedException {
    ConfigMap made = map("a", "x");
    String version = made.getMetadata().getResourceVersion();
    try (CacheWatch one = api.registry.watch(WatchQuery.of(MAPS, "default", version));
        CacheWatch two = api.registry.watch(WatchQuery.of(MAPS, "", version))) {
      var _ = map("b", "x");
      CacheEvent seen = one.next(SOON).orElseThrow();
      assertThat(two.next(SOON).orElseThrow()).isSameAs(seen);
      byte[] frame = seen.memo().form("json", byte[].class, () -> new byte[] {1});
      assertThat(seen.memo().form("json", byte[].class, () -> new byte[] {2})).isSameAs(frame);
    }
  }

  @Test
  void readersShareOneDecodedObject() {
    ConfigMap made = map("a", "x");
    Listing first = list("", "", "", 0, "");
    Listing second = list("", "", "", 0, "");
    assertThat(first.items().getFirst().message())
        .isSameAs(second.items().getFirst().message())
        .isSameAs(api.read(made));
  }

  @Test
  void bothVersionsOfAnEventAreOne() {
    Event made =
        api.create(
            Event.newBuilder()
                .setMetadata(RegistryTest.meta("e"))
                .setInvolvedObject(ObjectReference.newBuilder().setKind("Pod").setName("p"))
                .setReason("Started")
                .setMessage("it runs")
                .build());
    var served =
        (io.coxswain.api.events.v1.Event)
            api.registry
                .read(
                    Target.of(
                        ResourceType.of(io.coxswain.api.events.v1.Event.class), "default", "e"),
                    "")
                .message();
    assertThat(served.getNote()).isEqualTo("it runs");
    assertThat(served.getRegarding().getName()).isEqualTo("p");
    assertThat(served.getMetadata()).isEqualTo(made.getMetadata());
  }
}
