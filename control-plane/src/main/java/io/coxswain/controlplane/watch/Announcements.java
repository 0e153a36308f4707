package io.coxswain.controlplane.watch;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.controlplane.storage.StoredValue;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What this server is about to write. Its writer has the message at hand: when the change comes
/// back from the store, that message serves, nothing is decoded, and the JSON of the answer is the
/// one that watchers get. Which comes first, answer or change, is open; both get one object.
///
/// Safe for use by many threads.
final class Announcements {

  /// Writes whose change is still to come. More are decoded as others' writes are.
  private static final int MOST = 1024;

  private final ObjectCodec codec;
  private final Map<String, Announcement> byKey = new ConcurrentHashMap<>();

  Announcements(ObjectCodec codec) {
    this.codec = codec;
  }

  /// One write. Whoever has made it says what became of it.
  final class Announcement implements WatchCache.Announced {

    private final ObjectKey key;
    private final String storageKey;
    private final ByteString bytes;
    private final Message message;
    private @Nullable CachedObject made;
    private boolean shown;

    Announcement(ObjectKey key, String storageKey, ByteString bytes, Message message) {
      this.key = key;
      this.storageKey = storageKey;
      this.bytes = bytes;
      this.message = message;
    }

    private synchronized CachedObject at(long revision) {
      CachedObject known = made;
      if (known == null || known.revision() != revision) {
        known =
            new CachedObject(
                key,
                new StoredValue(storageKey, bytes, revision),
                codec,
                ObjectMetas.withResourceVersion(message, Long.toString(revision)));
        made = known;
      }
      return known;
    }

    private synchronized CachedObject show(long revision) {
      shown = true;
      return at(revision);
    }

    private synchronized Optional<CachedObject> madeOf(Message written) {
      return Optional.ofNullable(made).filter(object -> object.is(written));
    }

    private synchronized boolean isShown() {
      return shown;
    }

    @Override
    public CachedObject written(long revision) {
      CachedObject object = at(revision);
      if (isShown()) {
        forget();
      }
      return object;
    }

    @Override
    public void forget() {
      byKey.remove(storageKey, this);
    }
  }

  WatchCache.Announced add(ObjectKey key, String storageKey, ByteString bytes, Message message) {
    Announcement announcement = new Announcement(key, storageKey, bytes, message);
    if (byKey.size() < MOST) {
      byKey.put(storageKey, announcement);
    }
    return announcement;
  }

  /// The object that was announced as what the store now shows, if it was: for that very value.
  Optional<CachedObject> shown(StoredValue value) {
    Announcement announced = byKey.get(value.key());
    if (announced == null
        || value.isOutdated()
        || !value.reading().equals(StoredValue.Reading.GOOD)
        || !announced.bytes.equals(value.bytes())) {
      return Optional.empty();
    }
    announced.forget();
    return Optional.of(announced.show(value.revision()));
  }

  /// The object that was written with this message, while its change has not come back.
  Optional<CachedObject> pending(String storageKey, Message written) {
    Announcement announced = byKey.get(storageKey);
    return announced == null ? Optional.empty() : announced.madeOf(written);
  }

  void clear() {
    byKey.clear();
  }
}
