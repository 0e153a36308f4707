package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.codec.FieldMatcher;
import io.coxswain.client.codec.LabelMatcher;
import io.coxswain.client.codec.Selectors;
import io.coxswain.controlplane.storage.ListRange;
import io.coxswain.controlplane.storage.Store;
import io.coxswain.controlplane.storage.StoreException;
import io.coxswain.controlplane.storage.StorePage;
import io.coxswain.controlplane.storage.StoredValue;
import io.coxswain.controlplane.watch.CacheWatch;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.controlplane.watch.Reflector;
import io.coxswain.controlplane.watch.Selection;
import io.coxswain.controlplane.watch.Snapshot;
import io.coxswain.controlplane.watch.WatchCache;
import io.coxswain.schema.ResourceType;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/// Get, list and watch, at the resource version that the reader asks for.
final class Reads {

  /// How long a reader waits for a version that is still to come, as in Kubernetes.
  private static final Duration TO_COME = Duration.ofSeconds(3);

  private static final int STORE_PAGE = 500;

  /// So long after its beginning, the rest of a list may come from the cache. Later, the store says
  /// whether that moment is still known.
  private static final Duration FROM_CACHE = Duration.ofSeconds(75);

  private final Kinds kinds;
  private final Store store;
  private final Reflector reflector;
  private final RegistryOptions options;
  private final InstantSource clock;

  Reads(
      Kinds kinds, Store store, Reflector reflector, RegistryOptions options, InstantSource clock) {
    this.kinds = kinds;
    this.store = store;
    this.reflector = reflector;
    this.options = options;
    this.clock = clock;
  }

  CachedObject read(Target target, String resourceVersion) {
    KindStore kind = kinds.of(target.type());
    if (!resourceVersion.isEmpty()) {
      awaitRevision(version(resourceVersion));
    } else if (!isFresh(kind)) {
      return kind.require(target.key());
    }
    return kind.cache()
        .find(target.key())
        .orElseThrow(() -> Refusals.notFound(target.type(), target.name()));
  }

  /// Whether the cache is as good as the store, which costs less than the object from there.
  private boolean isFresh(KindStore kind) {
    try {
      return reflector.isFresh() && kind.cache().isLoaded();
    } catch (StoreException failed) {
      throw Refusals.of(failed);
    }
  }

  Listing list(ListQuery query) {
    KindStore kind = kinds.of(query.type());
    Selection selection =
        selection(query.type(), query.namespace(), query.labelSelector(), query.fieldSelector());
    if (!query.continueToken().isEmpty()) {
      if (!query.resourceVersion().isEmpty() && !query.resourceVersion().equals("0")) {
        throw Refusals.badRequest("specifying resource version is not allowed when using continue");
      }
      return goOn(kind, selection, query, ContinueToken.parse(query.continueToken()));
    }
    if (query.resourceVersionMatch().equals("Exact")) {
      long exact = version(query.resourceVersion());
      return fromStore(kind, selection, query, new ContinueToken(exact, 0, ""));
    }
    if (query.resourceVersion().isEmpty()) {
      reflector.awaitFresh(options.patience());
    } else {
      awaitRevision(version(query.resourceVersion()));
    }
    Snapshot candidates = kind.cache().candidates(selection.namespace());
    return page(candidates, selection, query, clock.instant().getEpochSecond());
  }

  /// The next page of a list, from the cache while what changed since its beginning is remembered
  /// there.
  private Listing goOn(KindStore kind, Selection selection, ListQuery query, ContinueToken token) {
    if (!token.after().startsWith(kind.cache().scope(query.namespace()))) {
      throw Refusals.badRequest("continue key is not valid: it is of another list");
    }
    Optional<Snapshot> rest = Optional.empty();
    if (clock.instant().getEpochSecond() - token.began() <= FROM_CACHE.toSeconds()) {
      rest = kind.cache().candidates(selection.namespace(), token.after(), token.revision());
    }
    return rest.isPresent()
        ? page(rest.get(), selection, query, token.began())
        : fromStore(kind, selection, query, token);
  }

  private static Listing page(
      Snapshot candidates, Selection selection, ListQuery query, long began) {
    List<CachedObject> all = candidates.objects();
    String version = Long.toString(candidates.revision());
    List<CachedObject> page =
        new ArrayList<>(query.limit() == 0 ? all.size() : Math.min(query.limit(), all.size()));
    for (CachedObject object : all) {
      if (selection.includes(object)) {
        if (query.limit() > 0 && page.size() == query.limit()) {
          String last = page.getLast().stored().key();
          String next = new ContinueToken(candidates.revision(), began, last).text();
          return new Listing(page, version, next, remaining(query, all.size() - page.size()));
        }
        page.add(object);
      }
    }
    return new Listing(page, version, "", OptionalLong.empty());
  }

  /// How many follow is told only where that costs nothing and means something.
  private static OptionalLong remaining(ListQuery query, long count) {
    return query.labelSelector().isEmpty() && query.fieldSelector().isEmpty()
        ? OptionalLong.of(count)
        : OptionalLong.empty();
  }

  /// From the store's history: a page of a list that began earlier, or a list of an exact version.
  private Listing fromStore(
      KindStore kind, Selection selection, ListQuery query, ContinueToken from) {
    String scope = kind.cache().scope(query.namespace());
    List<CachedObject> page = new ArrayList<>();
    String last = from.after();
    // where none is named, the first piece says which it is
    long at = Math.max(from.revision(), 0);
    while (true) {
      StorePage stored = page(ListRange.of(scope).at(at).page(last, STORE_PAGE));
      at = stored.revision();
      int taken = 0;
      for (StoredValue value : stored.values()) {
        taken++;
        last = value.key();
        CachedObject object = kind.cache().adopt(value);
        if (selection.includes(object)) {
          page.add(object);
        }
        if (query.limit() > 0 && page.size() == query.limit()) {
          break;
        }
      }
      long left = stored.remaining() + stored.values().size() - taken;
      boolean full = query.limit() > 0 && page.size() == query.limit();
      if (left == 0) {
        return new Listing(page, Long.toString(at), "", OptionalLong.empty());
      }
      if (full) {
        String next = new ContinueToken(at, from.began(), last).text();
        return new Listing(page, Long.toString(at), next, remaining(query, left));
      }
    }
  }

  private StorePage page(ListRange range) {
    try {
      return store.list(range);
    } catch (StoreException.Compacted gone) {
      throw range.after().isEmpty() ? Refusals.of(gone) : forgotten(range.after(), gone);
    } catch (StoreException failed) {
      throw Refusals.of(failed);
    }
  }

  /// Who can do with a list whose parts are of two moments may go on, as in Kubernetes.
  private static ApiException forgotten(String after, StoreException.Compacted gone) {
    return new ApiException(
        new ApiError.Expired(
            "The provided continue parameter is too old to display a consistent list result. List"
                + " again from the beginning, or go on with the continue token of this answer: what"
                + " follows is then as it is now, not as it was when the list began.",
            new ContinueToken(ContinueToken.AS_IT_IS, 0, after).text()),
        gone);
  }

  CacheWatch watch(WatchQuery query) {
    WatchCache cache = kinds.of(query.type()).cache();
    Selection selection =
        selection(query.type(), query.namespace(), query.labelSelector(), query.fieldSelector());
    String wanted = query.resourceVersion();
    if (wanted.isEmpty()) {
      reflector.awaitFresh(options.patience());
    } else {
      awaitRevision(version(wanted));
    }
    boolean withState = wanted.isEmpty() || wanted.equals("0") || query.sendInitialEvents();
    return withState
        ? cache.watchWithState(
            selection, query.sendInitialEvents() && query.bookmarks(), query.bookmarks())
        : cache.watch(selection, version(wanted), query.bookmarks());
  }

  private void awaitRevision(long revision) {
    if (!reflector.await(revision, TO_COME)) {
      throw new ApiException(
          new ApiError.Timeout(
              "Too large resource version: " + revision + ", current: " + reflector.revision()));
    }
  }

  static long version(String resourceVersion) {
    try {
      long version = Long.parseLong(resourceVersion);
      if (version >= 0) {
        return version;
      }
    } catch (NumberFormatException notOne) {
      throw Refusals.badRequest(
          "resourceVersion: Invalid value: \"" + resourceVersion + "\": it must be a number");
    }
    throw Refusals.badRequest(
        "resourceVersion: Invalid value: \"" + resourceVersion + "\": it must not be negative");
  }

  static Selection selection(
      ResourceType<?> type, String namespace, String labelSelector, String fieldSelector) {
    List<Predicate<Message>> filters = new ArrayList<>();
    LabelMatcher labels = Selectors.labels(labelSelector);
    if (!labels.isEverything()) {
      filters.add(labels::matches);
    }
    FieldMatcher fields = Selectors.fields(type, fieldSelector);
    String name = fields.required("metadata.name").orElse("");
    boolean more = fields.terms().size() > (name.isEmpty() ? 0 : 1);
    return new Selection(namespace, name, filters, more ? List.of(fields) : List.of());
  }
}
