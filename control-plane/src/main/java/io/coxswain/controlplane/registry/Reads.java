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
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;

/// Get, list and watch, at the resource version that the reader asks for.
final class Reads {

  /// How long a reader waits for a version that is still to come, as in Kubernetes.
  private static final Duration TO_COME = Duration.ofSeconds(3);

  private static final int STORE_PAGE = 500;

  private final Kinds kinds;
  private final Store store;
  private final Reflector reflector;
  private final RegistryOptions options;

  Reads(Kinds kinds, Store store, Reflector reflector, RegistryOptions options) {
    this.kinds = kinds;
    this.store = store;
    this.reflector = reflector;
    this.options = options;
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
      ContinueToken token = ContinueToken.parse(query.continueToken());
      return fromStore(kind, selection, query, token.revision(), token.after());
    }
    if (query.resourceVersionMatch().equals("Exact")) {
      return fromStore(kind, selection, query, version(query.resourceVersion()), "");
    }
    if (query.resourceVersion().isEmpty()) {
      reflector.awaitFresh(options.patience());
    } else {
      awaitRevision(version(query.resourceVersion()));
    }
    return fromCache(kind.cache(), selection, query);
  }

  private static Listing fromCache(WatchCache cache, Selection selection, ListQuery query) {
    Snapshot snapshot = cache.list(selection);
    List<CachedObject> all = snapshot.objects();
    String version = Long.toString(snapshot.revision());
    if (query.limit() == 0 || all.size() <= query.limit()) {
      return new Listing(all, version, "", OptionalLong.empty());
    }
    List<CachedObject> page = all.subList(0, query.limit());
    ContinueToken next = new ContinueToken(snapshot.revision(), page.getLast().stored().key());
    return new Listing(
        page, version, next.text(), remaining(query, (long) all.size() - query.limit()));
  }

  /// How many follow is told only where that costs nothing and means something.
  private static OptionalLong remaining(ListQuery query, long count) {
    return query.labelSelector().isEmpty() && query.fieldSelector().isEmpty()
        ? OptionalLong.of(count)
        : OptionalLong.empty();
  }

  /// From the store's history: a page of a list that began earlier, or a list of an exact version.
  private Listing fromStore(
      KindStore kind, Selection selection, ListQuery query, long revision, String after) {
    String prefix = kind.cache().prefix();
    if (!query.namespace().isEmpty() && query.type().namespaced()) {
      prefix += query.namespace() + "/";
    }
    if (!after.isEmpty() && !after.startsWith(prefix)) {
      throw Refusals.badRequest("continue key is not valid: it is of another list");
    }
    List<CachedObject> page = new ArrayList<>();
    String last = after;
    long at = Math.max(revision, 0); // where none is named, the first piece says which it is
    while (true) {
      StorePage stored = page(ListRange.of(prefix).at(at).page(last, STORE_PAGE));
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
        String next = new ContinueToken(at, last).text();
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
            new ContinueToken(ContinueToken.AS_IT_IS, after).text()),
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
