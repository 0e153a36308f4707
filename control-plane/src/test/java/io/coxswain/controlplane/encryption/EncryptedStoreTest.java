package io.coxswain.controlplane.encryption;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.coxswain.controlplane.storage.ListRange;
import io.coxswain.controlplane.storage.MemoryStore;
import io.coxswain.controlplane.storage.Store;
import io.coxswain.controlplane.storage.StoreContract;
import io.coxswain.controlplane.storage.StoreEvent;
import io.coxswain.controlplane.storage.StoreWatch;
import io.coxswain.controlplane.storage.StoredValue;
import io.coxswain.controlplane.storage.Write;
import io.coxswain.controlplane.storage.WriteResult;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Keeps what every store promises, with everything in it encrypted; and what encryption adds.
final class EncryptedStoreTest extends StoreContract {

  private static final String KEY = "/secret/a";
  private static final ByteString VALUE = ByteString.copyFromUtf8("hunter2");

  private static final ValueCipher OLD = cipher("old", 1);
  private static final ValueCipher NEW = cipher("new", 2);

  private final MemoryStore below = new MemoryStore();
  private final Store everything = over("/", OLD);

  @Override
  protected Store store() {
    return everything;
  }

  private static ValueCipher cipher(String name, int fill) {
    byte[] secret = new byte[32];
    java.util.Arrays.fill(secret, (byte) fill);
    return new AesGcm(name, secret, new SecureRandom());
  }

  private Store over(String prefix, ValueCipher... ciphers) {
    return new EncryptedStore(
        below, new EncryptionConfiguration(List.of(new KeyRing(prefix, List.of(ciphers)))));
  }

  private static StoredValue read(Store store) {
    return store.find(KEY).orElseThrow();
  }

  @Test
  void theStoreBelowSeesNothingOfTheValue() {
    var _ = everything.write(new Write.Create(KEY, VALUE));
    ByteString raw = read(below).bytes();
    assertThat(raw.toStringUtf8()).startsWith("k8s:enc:aesgcm:v1:old:").doesNotContain("hunter2");
    var _ = everything.write(new Write.Create("/secret/b", VALUE));
    assertThat(below.find("/secret/b").orElseThrow().bytes()).as("never twice").isNotEqualTo(raw);
  }

  @Test
  void otherPlacesAreLeftAlone() {
    Store some = over("/secret/", OLD);
    var _ = some.write(new Write.Create("/public/a", VALUE));
    assertThat(below.find("/public/a").orElseThrow().bytes()).isEqualTo(VALUE);
    assertThat(some.list(ListRange.of("/public/")).values().getFirst().bytes()).isEqualTo(VALUE);
  }

  @Test
  void whatWasStoredPlainIsReadAndIsToBeWrittenAgain() {
    var _ = below.write(new Write.Create(KEY, VALUE));
    StoredValue found = read(over("/secret/", OLD, new Plain()));
    assertThat(found.bytes()).isEqualTo(VALUE);
    assertThat(found.isOutdated()).isTrue();
  }

  @Test
  void keysRotate() {
    var _ = over("/secret/", OLD).write(new Write.Create(KEY, VALUE));
    Store rotated = over("/secret/", NEW, OLD);
    StoredValue before = read(rotated);
    assertThat(before.bytes()).isEqualTo(VALUE);
    assertThat(before.isOutdated()).isTrue();

    var _ = rotated.write(new Write.Replace(KEY, before.bytes(), before.revision()));
    StoredValue after = read(over("/secret/", NEW));
    assertThat(after.bytes()).isEqualTo(VALUE);
    assertThat(after.isOutdated()).isFalse();
  }

  @Test
  void aKeyThatIsGoneIsSaid() {
    var _ = over("/secret/", OLD).write(new Write.Create(KEY, VALUE));
    assertThat(read(over("/secret/", NEW)).reading())
        .isInstanceOfSatisfying(
            StoredValue.Unreadable.class,
            unreadable -> assertThat(unreadable.why()).contains("a key that is not in"));
  }

  @Test
  void aValueThatWasChangedOrMovedIsNotRead() {
    var _ = everything.write(new Write.Create(KEY, VALUE));
    ByteString raw = read(below).bytes();
    byte[] changed = raw.toByteArray();
    changed[changed.length - 1] ^= 1;
    var _ = below.write(new Write.Create("/secret/changed", ByteString.copyFrom(changed)));
    var _ = below.write(new Write.Create("/secret/moved", raw));
    var _ = below.write(new Write.Create("/secret/cut", raw.substring(0, raw.size() - 20)));

    assertThat(everything.list(ListRange.of("/secret/")).values())
        .filteredOn(value -> value.reading() instanceof StoredValue.Unreadable)
        .extracting(StoredValue::key)
        .containsExactly("/secret/changed", "/secret/cut", "/secret/moved");
  }

  @Test
  void watchesAndRefusalsTellTheValue() throws Exception {
    try (StoreWatch watch = everything.watch("/secret/", 0)) {
      var _ = everything.write(new Write.Create(KEY, VALUE));
      StoreEvent event = watch.next(Duration.ofSeconds(10)).events().getFirst();
      assertThat(((StoreEvent.Put) event).value().bytes()).isEqualTo(VALUE);
    }
    WriteResult refused = everything.write(new Write.Create(KEY, VALUE));
    assertThat(((WriteResult.Refused) refused).current().orElseThrow().bytes()).isEqualTo(VALUE);
  }
}
