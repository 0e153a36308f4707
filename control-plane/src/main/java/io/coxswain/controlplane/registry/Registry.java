package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Binding;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.meta.v1.DeleteOptions;
import io.coxswain.client.ApiException;
import io.coxswain.client.Patch;
import io.coxswain.controlplane.admission.dynamic.Operation;
import io.coxswain.controlplane.storage.Store;
import io.coxswain.controlplane.watch.CacheWatch;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.controlplane.watch.Reflector;
import io.coxswain.schema.ResourceType;
import io.coxswain.schema.Schema;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// The verbs on stored objects of any kind. Every call blocks and throws [ApiException] with the
/// reason when it refuses. Safe for use by many threads.
public final class Registry implements AutoCloseable {

  private static final String BINDINGS = "bindings";

  private final Reflector reflector;
  private final Reads reads;
  private final Writes writes;
  private final Deletions deletions;
  private final Parts parts;
  private final Gate gate;
  private final Kinds kinds;
  private final CustomKinds customKinds;

  /// Serves every kind of the schema. The store stays its owner's to close.
  ///
  /// @param random for names, uids and addresses
  public Registry(
      Store store,
      Rules rules,
      RegistryOptions options,
      InstantSource clock,
      RandomGenerator random,
      MeterRegistry metrics) {
    this(store, rules, Conversions.NAMES_ONLY, options, clock, random, metrics);
  }

  /// @param conversions of objects of kinds that people define
  /// @see #Registry(Store, Rules, RegistryOptions, InstantSource, RandomGenerator, MeterRegistry)
  public Registry(
      Store store,
      Rules rules,
      Conversions conversions,
      RegistryOptions options,
      InstantSource clock,
      RandomGenerator random,
      MeterRegistry metrics) {
    reflector = new Reflector(store, StorageLayout.ROOT, System::nanoTime);
    Kinds kinds = new Kinds(store, reflector, Schema.api().types(), rules, options, clock, random);
    this.kinds = kinds;
    FieldBooks books = new FieldBooks(clock);
    gate = new Gate(rules.dynamic(new RegistrySurroundings(kinds)));
    Admission admission = new Admission(kinds, books, rules.plugins(), gate);
    reads = new Reads(kinds, store, reflector, options, clock);
    writes = new Writes(kinds, admission, books, new Names(random), clock);
    deletions = new Deletions(kinds, gate, clock);
    Evictions evictions =
        new Evictions(
            kinds, writes, deletions, () -> reflector.awaitFresh(options.patience()), clock);
    parts = new Parts(kinds, admission, books, writes, evictions, clock);
    customKinds =
        new CustomKinds(kinds, store, reflector, rules, conversions, writes, deletions, clock);
    kinds.onDefinitionsChanged(customKinds::sync);
    measure(kinds, metrics);
  }

  private static void measure(Kinds kinds, MeterRegistry metrics) {
    for (KindStore kind : kinds.all()) {
      Gauge.builder("coxswain.registry.objects", kind.cache(), cache -> cache.size())
          .description("Objects that are stored")
          .tag("resource", kind.type().qualifiedPlural())
          .tag("version", kind.type().version())
          .register(metrics);
      Gauge.builder("coxswain.registry.watches", kind.cache(), cache -> cache.watchers())
          .description("Watches that are open")
          .tag("resource", kind.type().qualifiedPlural())
          .tag("version", kind.type().version())
          .register(metrics);
    }
  }

  /// Begins to follow the store; returns at once. Until everything is loaded, reads are refused as
  /// Unavailable.
  public void start() {
    reflector.start();
    customKinds.start();
  }

  /// Blocks until everything is loaded.
  ///
  /// @return whether it is
  public boolean awaitReady(Duration patience) {
    if (!reflector.await(1, patience)) {
      return false;
    }
    customKinds.sync();
    return true;
  }

  /// Every kind that is served now.
  public Catalog catalog() {
    return kinds.catalog();
  }

  /// How many objects there are of a kind; none of one that is not served.
  public int stored(String group, String version, String plural) {
    return catalog().find(group, version, plural).map(type -> kinds.stored(type)).orElse(0);
  }

  /// @param resourceVersion empty for the latest; otherwise from the cache, not older than this
  /// @throws ApiException with NotFound when there is none
  public CachedObject read(Target target, String resourceVersion) {
    return reads.read(target, resourceVersion);
  }

  /// What was just written, as the cache has it: what was made of it for one reader, as its JSON,
  /// serves all.
  ///
  /// @param written a message of this kind, as a write answered it
  public Optional<CachedObject> holding(ResourceType<?> type, Message written) {
    return written.getDescriptorForType().equals(type.prototype().getDescriptorForType())
        ? kinds.of(type).holding(written)
        : Optional.empty();
  }

  /// A subresource that has a message of its own, as `scale`.
  public Message readPart(Target target) {
    return parts.read(target);
  }

  public Listing list(ListQuery query) {
    return reads.list(query);
  }

  /// @throws ApiException with Expired when the resource version is too old
  public CacheWatch watch(WatchQuery query) {
    return reads.watch(query);
  }

  /// Stores a new object, or makes a subresource happen, as `binding` or `eviction` of a pod, which
  /// is answered with a Status.
  public Written create(Target target, Message body, WriteOptions options) {
    if (target.type().qualifiedPlural().equals(BINDINGS) && body instanceof Binding binding) {
      Target pod =
          new Target(
              ResourceType.of(Pod.class),
              target.namespace(),
              binding.getMetadata().getName(),
              "binding");
      return parts.create(pod, body, options);
    }
    return target.subresource().isEmpty()
        ? writes.create(target, body, options)
        : parts.create(target, body, options);
  }

  /// Replaces the object or a subresource: `status`, `scale`, a namespace's `finalize`.
  public Written update(Target target, Message body, WriteOptions options) {
    return isView(target)
        ? writes.update(target, body, options)
        : parts.update(target, body, options);
  }

  /// Changes what a patch names. One of type APPLY also makes the object where there is none.
  public Written patch(Target target, Patch patch, WriteOptions options) {
    if (!isView(target)) {
      return parts.patch(target, patch, options);
    }
    return patch.type() == Patch.Type.APPLY
        ? writes.apply(target, patch, options)
        : writes.patch(target, patch, options);
  }

  public Deleted delete(Target target, DeleteOptions how, WriteOptions options) {
    return deletions.delete(target, how, how.getDryRunCount() > 0 ? options.asDryRun() : options);
  }

  /// Deletes every object that the query finds, and answers with them.
  public Listing deleteCollection(ListQuery query, DeleteOptions how, WriteOptions options) {
    Listing found = reads.list(query);
    deletions.deleteAll(found, query, how, how.getDryRunCount() > 0 ? options.asDryRun() : options);
    return found;
  }

  /// What is sent to a part that is not stored, as it comes out of admission: who connects to a
  /// pod, and how, or wants a token.
  ///
  /// @throws ApiException when somebody refuses it
  public <M extends Message> M admitted(
      Target target, Operation operation, M sent, WriteOptions options) {
    return gate.part(target, operation, Optional.empty(), sent, options);
  }

  /// Parts that are written as the object that they are part of.
  private static boolean isView(Target target) {
    return switch (target.subresource()) {
      case "", "status", "approval", PodParts.EPHEMERAL, PodParts.RESIZE -> true;
      default -> false;
    };
  }

  @Override
  public void close() {
    customKinds.close();
    reflector.close();
  }
}
