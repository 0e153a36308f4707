package io.coxswain.controlplane.watch;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.controlplane.storage.StoredValue;
import org.jspecify.annotations.Nullable;

/// One version of one object. Its bytes are decoded when somebody first looks, and all readers
/// share that one message.
public final class CachedObject {

  private final ObjectKey key;
  private final StoredValue stored;
  private final ObjectCodec codec;
  private final Memo memo = new Memo();
  private volatile @Nullable Message message;

  public CachedObject(ObjectKey key, StoredValue stored, ObjectCodec codec) {
    this.key = key;
    this.stored = stored;
    this.codec = codec;
  }

  /// An object that is decoded already.
  public CachedObject(ObjectKey key, StoredValue stored, ObjectCodec codec, Message message) {
    this(key, stored, codec);
    this.message = message;
  }

  /// An object that is in no store, to be answered like one that is.
  public static CachedObject unstored(ObjectKey key, Message message) {
    return new CachedObject(
        key, new StoredValue("", ByteString.EMPTY, 0), OutsideOfStores.CODEC, message);
  }

  private static final class OutsideOfStores implements ObjectCodec {
    private static final ObjectCodec CODEC = new OutsideOfStores();

    @Override
    public Message decode(StoredValue value) {
      throw new IllegalStateException("the object is in no store");
    }

    @Override
    public Message bookmark(long revision, boolean endsInitialEvents) {
      throw new IllegalStateException("the object is in no store");
    }
  }

  public ObjectKey key() {
    return key;
  }

  /// The object's resource version.
  public long revision() {
    return stored.revision();
  }

  /// As it lies in the store, without its resource version.
  public StoredValue stored() {
    return stored;
  }

  /// How many bytes it takes in the store.
  public int storedSize() {
    return stored.bytes().size();
  }

  /// The object with its resource version set. Immutable and shared.
  public Message message() {
    Message known = message;
    if (known == null) {
      known = codec.decode(stored);
      message = known;
    }
    return known;
  }

  /// Whether this is the very message of this object.
  @SuppressWarnings("ReferenceEquality") // as it is said
  boolean is(Message other) {
    return message == other;
  }

  /// Whether making the message may take as long as somebody outside needs to answer.
  public boolean mayBlock() {
    return message == null && codec.decodeForSelection(stored).isPresent();
  }

  /// The object as selectors see it that look at what all versions share; does not block.
  Message selectable() {
    Message known = message;
    return known != null ? known : codec.decodeForSelection(stored).orElseGet(this::message);
  }

  /// Other forms of this version, as its JSON.
  public Memo memo() {
    return memo;
  }

  /// The same state told at another revision, as of a deletion.
  CachedObject at(long revision) {
    StoredValue at = new StoredValue(stored.key(), stored.bytes(), revision, stored.reading());
    Message known = message;
    return known == null
        ? new CachedObject(key, at, codec)
        : new CachedObject(
            key, at, codec, ObjectMetas.withResourceVersion(known, Long.toString(revision)));
  }

  @Override
  public String toString() {
    return key + "@" + revision();
  }
}
