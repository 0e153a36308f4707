package io.coxswain.controlplane.encryption;

import com.google.protobuf.ByteString;
import io.coxswain.controlplane.storage.ListRange;
import io.coxswain.controlplane.storage.Store;
import io.coxswain.controlplane.storage.StoreEvent;
import io.coxswain.controlplane.storage.StorePage;
import io.coxswain.controlplane.storage.StoreWatch;
import io.coxswain.controlplane.storage.StoredValue;
import io.coxswain.controlplane.storage.Write;
import io.coxswain.controlplane.storage.WriteResult;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A store whose values below some prefixes lie encrypted in another one. A value that cannot be
/// decrypted does no harm to others: it comes as one that is [unreadable][StoredValue.Unreadable].
public final class EncryptedStore implements Store {

  private static final Logger LOG = LoggerFactory.getLogger(EncryptedStore.class);

  private final Store store;
  private final List<KeyRing> rings;

  /// @param store is closed with this one
  public EncryptedStore(Store store, EncryptionConfiguration configuration) {
    this.store = store;
    this.rings = configuration.rings();
  }

  @Override
  public Optional<StoredValue> find(String key) {
    return store.find(key).map(this::open);
  }

  @Override
  public StorePage list(ListRange range) {
    StorePage page = store.list(range);
    if (rings.stream().noneMatch(ring -> touches(range.prefix(), ring.prefix()))) {
      return page;
    }
    return new StorePage(
        page.values().stream().map(this::open).toList(), page.revision(), page.remaining());
  }

  private static boolean touches(String range, String ring) {
    return range.startsWith(ring) || ring.startsWith(range);
  }

  @Override
  public WriteResult write(Write write) {
    Write sealed =
        switch (write) {
          case Write.Create create ->
              new Write.Create(
                  create.key(), seal(create.key(), create.bytes()), create.timeToLive());
          case Write.Replace replace ->
              new Write.Replace(
                  replace.key(),
                  seal(replace.key(), replace.bytes()),
                  replace.expectedRevision(),
                  replace.timeToLive());
          case Write.Remove remove -> remove;
        };
    return switch (store.write(sealed)) {
      case WriteResult.Done done -> done;
      case WriteResult.Refused(Optional<StoredValue> current) ->
          new WriteResult.Refused(current.map(this::open));
    };
  }

  private ByteString seal(String key, ByteString value) {
    for (KeyRing ring : rings) {
      if (key.startsWith(ring.prefix())) {
        return ring.seal(key, value);
      }
    }
    return value;
  }

  private StoredValue open(StoredValue stored) {
    for (KeyRing ring : rings) {
      if (stored.key().startsWith(ring.prefix())) {
        StoredValue opened = ring.open(stored);
        if (opened.reading() instanceof StoredValue.Unreadable(String why)) {
          LOG.error("{} cannot be read: {}", stored.key(), why);
        }
        return opened;
      }
    }
    return stored;
  }

  @Override
  public long revision() {
    return store.revision();
  }

  @Override
  public StoreWatch watch(String prefix, long afterRevision) {
    return new OpeningWatch(store.watch(prefix, afterRevision));
  }

  private final class OpeningWatch implements StoreWatch {

    private final StoreWatch watch;

    OpeningWatch(StoreWatch watch) {
      this.watch = watch;
    }

    @Override
    public Batch next(Duration patience) throws InterruptedException {
      Batch batch = watch.next(patience);
      return new Batch(batch.events().stream().map(this::opened).toList(), batch.revision());
    }

    private StoreEvent opened(StoreEvent event) {
      return switch (event) {
        case StoreEvent.Put(StoredValue value) -> new StoreEvent.Put(open(value));
        case StoreEvent.Removed removed -> removed;
      };
    }

    @Override
    public void close() {
      watch.close();
    }
  }

  @Override
  public void compact(long revision) {
    store.compact(revision);
  }

  @Override
  public void close() {
    store.close();
  }
}
