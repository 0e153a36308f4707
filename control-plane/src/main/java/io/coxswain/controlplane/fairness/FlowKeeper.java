package io.coxswain.controlplane.fairness;

import com.google.protobuf.Message;
import io.coxswain.api.flowcontrol.v1.FlowSchema;
import io.coxswain.api.flowcontrol.v1.FlowSchemaCondition;
import io.coxswain.api.flowcontrol.v1.PriorityLevelConfiguration;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiException;
import io.coxswain.client.DeletePolicy;
import io.coxswain.client.Resources;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Times;
import io.coxswain.client.informer.Handler;
import io.coxswain.client.informer.Informer;
import io.coxswain.client.informer.InformerFactory;
import io.coxswain.client.lifecycle.Together;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads FlowSchemas and PriorityLevelConfigurations and has [Fairness] go by them. Writes those
/// that every cluster has, and of each schema the condition `Dangling`. One thread of its own looks
/// at the level: after a change, and now and then. Harmless in several servers at once.
public final class FlowKeeper implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FlowKeeper.class);

  /// How often the seats are divided anew.
  private static final Duration ADJUST = Duration.ofSeconds(10);

  /// How many rounds of that until the objects are looked at, though nothing changed.
  private static final int ROUNDS = 6;

  private final Fairness fairness;
  private final InstantSource clock;
  private final Resources<FlowSchema> schemaObjects;
  private final Resources<PriorityLevelConfiguration> levelObjects;
  private final InformerFactory informers;
  private final Informer<FlowSchema> schemas;
  private final Informer<PriorityLevelConfiguration> levels;
  private final Semaphore changes = new Semaphore(0);
  private final Thread thread;

  /// @param client may do everything with the objects
  public FlowKeeper(Fairness fairness, ApiClient client, InstantSource clock) {
    this.fairness = fairness;
    this.clock = clock;
    this.schemaObjects = client.resources(FlowSchema.class);
    this.levelObjects = client.resources(PriorityLevelConfiguration.class);
    this.informers = new InformerFactory(client);
    this.schemas = informers.informer(FlowSchema.class);
    this.levels = informers.informer(PriorityLevelConfiguration.class);
    schemas.addHandler(Handler.each(_ -> changes.release()));
    levels.addHandler(Handler.each(_ -> changes.release()));
    this.thread = Thread.ofVirtual().name("flow-keeper").unstarted(this::run);
  }

  /// Makes what is missing and goes by what is stored. Blocks until that is so, then goes on by
  /// itself.
  ///
  /// @return whether that was in time
  public boolean start(Duration patience) throws InterruptedException {
    informers.start();
    if (!informers.awaitSync(patience)) {
      return false;
    }
    reconcile();
    thread.start();
    return true;
  }

  private void run() {
    int rounds = 0;
    try {
      while (true) {
        boolean changed = changes.tryAcquire(ADJUST.toMillis(), TimeUnit.MILLISECONDS);
        var _ = changes.drainPermits();
        if (changed || ++rounds >= ROUNDS) {
          rounds = 0;
          reconcile();
        }
        if (!changed) {
          fairness.adjust();
        }
      }
    } catch (InterruptedException _) {
      // asked to end
    }
  }

  private void reconcile() throws InterruptedException {
    fairness.arrange(schemas.list(), levels.list());
    try {
      keep(FlowObjects.levels(), levels, levelObjects, Upkeep::of);
      keep(FlowObjects.schemas(), schemas, schemaObjects, Upkeep::of);
      tellDangling();
    } catch (ApiException e) {
      LOG.warn("The objects of flow control are not in order yet: {}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("The objects of flow control could not be looked after", e);
    }
  }

  private <T extends Message> void keep(
      List<T> wanted,
      Informer<T> present,
      Resources<T> objects,
      BiFunction<T, T, Optional<T>> upkeep)
      throws InterruptedException {
    Map<String, T> byName =
        wanted.stream().collect(Collectors.toMap(FlowKeeper::name, Function.identity()));
    List<Together.Step> steps = new ArrayList<>();
    for (T one : wanted) {
      Optional<T> known = present.find("", name(one));
      if (known.isEmpty()) {
        steps.add(() -> tolerant(() -> objects.create(one)));
      } else {
        upkeep
            .apply(known.get(), one)
            .ifPresent(after -> steps.add(() -> tolerant(() -> objects.update(after))));
      }
    }
    Together.run(steps);
    for (T one : present.list()) {
      ObjectMeta meta = ObjectMetas.read(one);
      if (Upkeep.isLeftOver(meta, byName.containsKey(meta.getName()))) {
        LOG.info("Removing {}, which this version does not have", meta.getName());
        tolerant(() -> {
          objects.delete("", meta.getName(), DeletePolicy.DEFAULT);
          return one;
        });
      }
    }
  }

  private void tellDangling() {
    for (FlowSchema schema : schemas.list()) {
      String level = schema.getSpec().getPriorityLevelConfiguration().getName();
      boolean exists =
          levels.find("", level).isPresent() || FlowObjects.fixedLevel(level).isPresent();
      Optional<FlowSchemaCondition> news = Upkeep.dangling(schema, exists);
      news.ifPresent(condition -> {
        FlowSchemaCondition dated =
            condition.toBuilder().setLastTransitionTime(Times.time(clock.instant())).build();
        tolerant(() -> schemaObjects.updateStatus(Upkeep.with(schema, dated)));
      });
    }
  }

  private interface Write<T> {
    T run();
  }

  /// Another writer was there first: its event brings us back.
  private static <T> void tolerant(Write<T> write) {
    try {
      T _ = write.run();
    } catch (ApiException e) {
      if (!e.isAlreadyExists() && !e.isConflict() && !e.isNotFound()) {
        throw e;
      }
    }
  }

  private static String name(Message object) {
    return ObjectMetas.read(object).getName();
  }

  @Override
  public void close() {
    thread.interrupt();
    informers.close();
  }
}
