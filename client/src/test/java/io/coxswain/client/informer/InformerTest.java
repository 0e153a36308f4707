package io.coxswain.client.informer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiError;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.ListOptions;
import io.coxswain.client.Resources;
import io.coxswain.client.queue.Backoff;
import io.coxswain.client.testing.InMemoryApi;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InformerTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Backoff FAST = new Backoff(Duration.ofMillis(1), Duration.ofMillis(5), 0.5);

  private final InMemoryApi api = new InMemoryApi();
  private final Resources<ConfigMap> maps = api.client().resources(ConfigMap.class);
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final Informer<ConfigMap> informer =
      Informer.of(maps, ListOptions.ALL, FAST)
          .addIndex("value", map -> List.of(map.getDataMap().getOrDefault("k", "")))
          .addHandler(
              new Handler<>() {
                @Override
                public void added(ConfigMap map) {
                  heard.add("+" + text(map));
                }

                @Override
                public void updated(ConfigMap before, ConfigMap after) {
                  heard.add(text(before) + ">" + text(after));
                }

                @Override
                public void deleted(ConfigMap last) {
                  heard.add("-" + text(last));
                }
              });

  @AfterEach
  void close() {
    informer.close();
    api.close();
  }

  @Test
  void tellsOfWhatIsThereAndOfEveryChangeInOrder() throws InterruptedException {
    maps.create(map("a", "1"));
    assertThat(informer.start().awaitSync(PATIENCE)).isTrue();
    maps.update(map("a", "2"));
    maps.create(map("b", "1"));
    maps.delete("default", "a", DeletePolicy.DEFAULT);

    await().untilAsserted(() -> assertThat(heard).containsExactly("+a1", "a1>a2", "+b1", "-a2"));
    assertThat(informer.list()).extracting(InformerTest::text).containsExactly("b1");
    assertThat(informer.find("default", "a")).isEmpty();
  }

  @Test
  void indexesFollowTheObjects() throws InterruptedException {
    maps.create(map("a", "1"));
    maps.create(map("b", "1"));
    assertThat(informer.start().awaitSync(PATIENCE)).isTrue();
    assertThat(informer.byIndex("value", "1")).hasSize(2);
    maps.update(map("a", "2"));
    await().untilAsserted(() -> assertThat(informer.byIndex("value", "2")).hasSize(1));
    assertThat(informer.byIndex("value", "1")).extracting(InformerTest::text).containsExactly("b1");
    assertThat(informer.listIn("default")).hasSize(2);
    assertThat(informer.listIn("other")).isEmpty();
  }

  @Test
  void listsAgainWhenTheWatchExpiredAndTellsTheDifference() throws InterruptedException {
    maps.create(map("a", "1"));
    maps.create(map("b", "1"));
    assertThat(informer.start().awaitSync(PATIENCE)).isTrue();
    api.failing(call -> Optional.of(new ApiError.Unavailable("down")));
    api.disconnectWatches();
    api.failing(call -> Optional.empty());
    await().untilAsserted(() -> assertThat(informer.synced()).isTrue());
    maps.delete("default", "a", DeletePolicy.DEFAULT);
    maps.update(map("b", "2"));
    maps.create(map("c", "1"));
    api.expireWatches();
    maps.update(map("c", "2"));

    await()
        .untilAsserted(() ->
            assertThat(informer.list())
                .extracting(InformerTest::text)
                .containsExactlyInAnyOrder("b2", "c2"));
    assertThat(heard).contains("-a1").startsWith("+a1", "+b1");
  }

  @Test
  void anObjectThatCameBackUnderItsNameIsDeletedAndAdded() throws InterruptedException {
    maps.create(map("a", "1"));
    assertThat(informer.start().awaitSync(PATIENCE)).isTrue();
    api.failing(call -> Optional.of(new ApiError.Unavailable("down")));
    api.expireWatches();
    api.failing(call ->
        call.verb() == io.coxswain.client.Transport.Verb.LIST
            ? Optional.of(new ApiError.Unavailable("down"))
            : Optional.empty());
    maps.delete("default", "a", DeletePolicy.DEFAULT);
    maps.create(map("a", "9"));
    api.failing(call -> Optional.empty());
    await().untilAsserted(() -> assertThat(heard).containsExactly("+a1", "-a1", "+a9"));
  }

  @Test
  void aHandlerAddedLaterHearsOfEverythingOnce() throws InterruptedException {
    maps.create(map("a", "1"));
    assertThat(informer.start().awaitSync(PATIENCE)).isTrue();
    List<String> late = new CopyOnWriteArrayList<>();
    informer.addHandler(Handler.each(map -> late.add(text(map))));
    maps.create(map("b", "1"));
    await().untilAsserted(() -> assertThat(late).containsExactly("a1", "b1"));
  }

  private static ConfigMap map(String name, String value) {
    return ConfigMap.newBuilder()
        .setMetadata(ObjectMeta.newBuilder().setNamespace("default").setName(name))
        .putData("k", value)
        .build();
  }

  private static String text(ConfigMap map) {
    return map.getMetadata().getName() + map.getDataMap().get("k");
  }
}
