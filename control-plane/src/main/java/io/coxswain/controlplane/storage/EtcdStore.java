package io.coxswain.controlplane.storage;

import com.google.protobuf.ByteString;
import io.coxswain.controlplane.storage.WriteGroups.Leased;
import io.etcd.jetcd.api.CompactionRequest;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// The store on etcd 3.4 or newer, by its plain gRPC stubs: half of what the client library costs
/// each call, and nothing is sent twice behind our back.
public final class EtcdStore implements Store {

  private static final int PAGE = 1000;
  private static final Duration PAUSE = Duration.ofMillis(50);

  /// Never written: read for the revision that comes with any answer.
  private static final ByteString NO_KEY = ByteString.copyFromUtf8("coxswain.io/none");

  private final EtcdChannels channels;
  private final EtcdLeases leases;
  private final Duration patience;
  private final KVGrpc.KVBlockingStub kv;
  private final WriteGroups groups = new WriteGroups(this::together);
  private final Timer reads;
  private final Timer lists;
  private final Timer writes;

  /// Opens connections in the background; does not wait for etcd.
  public EtcdStore(EtcdOptions options, MeterRegistry metrics) {
    channels = new EtcdChannels(options);
    patience = options.patience();
    kv = KVGrpc.newBlockingStub(channels.kv()).withWaitForReady();
    leases = new EtcdLeases(channels.kv(), patience, System::nanoTime);
    reads = timer(metrics, "read");
    lists = timer(metrics, "list");
    writes = timer(metrics, "write");
  }

  private static Timer timer(MeterRegistry metrics, String operation) {
    return Timer.builder("coxswain.store.request")
        .description("Time that a call of etcd takes, retries included")
        .tag("operation", operation)
        .register(metrics);
  }

  @Override
  public Optional<StoredValue> find(String key) {
    return one(get(key));
  }

  @Override
  public StorePage list(ListRange range) {
    if (range.limit() > 0) {
      return page(range);
    }
    StorePage page = page(range.page(range.after(), PAGE));
    List<StoredValue> values = new ArrayList<>(page.values());
    while (page.remaining() > 0) {
      page = page(range.at(page.revision()).page(values.getLast().key(), PAGE));
      values.addAll(page.values());
    }
    return new StorePage(values, page.revision(), 0);
  }

  private StorePage page(ListRange range) {
    ByteString from =
        range.after().isEmpty()
            ? EtcdKeys.bytes(range.prefix())
            : EtcdKeys.bytes(range.after() + "\0");
    RangeRequest request =
        RangeRequest.newBuilder()
            .setKey(from)
            .setRangeEnd(EtcdKeys.endOf(range.prefix()))
            .setRevision(EtcdRevisions.etcd(range.revision()))
            .setLimit(range.limit())
            .build();
    RangeResponse answer = lists.record(() -> read("list " + range.prefix(), request));
    List<StoredValue> values = answer.getKvsList().stream().map(EtcdRevisions::value).toList();
    long etcd =
        range.revision() > 0
            ? EtcdRevisions.etcd(range.revision())
            : answer.getHeader().getRevision();
    return new StorePage(values, EtcdRevisions.whole(etcd), answer.getCount() - values.size());
  }

  @Override
  public WriteResult write(Write write) {
    return writes.record(() -> {
      try {
        return groups.write(new Leased(write, leases.lasting(timeToLive(write))));
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new StoreException.OutcomeUnknown(
            "write " + write.key() + ": interrupted", interrupted);
      } catch (StatusRuntimeException failed) {
        if (EtcdErrors.isUnknown(failed)) {
          return settle(write, failed);
        }
        leases.forget();
        throw EtcdErrors.translate("write " + write.key(), failed);
      }
    });
  }

  private static Duration timeToLive(Write write) {
    return switch (write) {
      case Write.Create create -> create.timeToLive();
      case Write.Replace replace -> replace.timeToLive();
      case Write.Remove _ -> Write.FOREVER;
    };
  }

  private List<WriteResult> together(List<Leased> group) {
    EtcdTransaction transaction = new EtcdTransaction(group);
    return transaction.results(deadline().txn(transaction.request()));
  }

  /// Finds out what became of a write that got no answer. What is there now tells it, but for the
  /// case that somebody else wrote behind it.
  private WriteResult settle(Write write, StatusRuntimeException failed) {
    String doing = "write " + write.key();
    if (Thread.currentThread().isInterrupted()) {
      throw new StoreException.OutcomeUnknown(doing + ": interrupted", failed);
    }
    RangeResponse now;
    try {
      now = get(write.key());
    } catch (StoreException silent) {
      throw new StoreException.OutcomeUnknown(doing + ": etcd does not answer", failed);
    }
    Optional<StoredValue> there = one(now);
    long revision = there.map(StoredValue::revision).orElse(0L);
    return switch (write) {
      case Write.Create create -> settled(create, create.bytes(), 0, there, revision, failed);
      case Write.Replace replace ->
          settled(replace, replace.bytes(), replace.expectedRevision(), there, revision, failed);
      case Write.Remove remove -> {
        if (there.isEmpty()) {
          yield new WriteResult.Done(EtcdRevisions.whole(now.getHeader().getRevision()));
        }
        throw notMade(remove, remove.expectedRevision() == revision, failed);
      }
    };
  }

  private static WriteResult settled(
      Write write,
      ByteString bytes,
      long expected,
      Optional<StoredValue> there,
      long revision,
      StatusRuntimeException failed) {
    if (revision > expected && there.map(StoredValue::bytes).filter(bytes::equals).isPresent()) {
      return new WriteResult.Done(revision);
    }
    throw notMade(write, revision == expected, failed);
  }

  private static StoreException notMade(
      Write write, boolean unchanged, StatusRuntimeException failed) {
    String doing = "write " + write.key() + ": no answer from etcd";
    return unchanged
        ? new StoreException.Unavailable(doing + "; read back, it was not made", failed)
        : new StoreException.OutcomeUnknown(doing + ", and somebody wrote since", failed);
  }

  @Override
  public long revision() {
    RangeRequest nothing = RangeRequest.newBuilder().setKey(NO_KEY).build();
    RangeResponse answer = reads.record(() -> read("read the revision", nothing));
    return EtcdRevisions.whole(answer.getHeader().getRevision());
  }

  @Override
  public StoreWatch watch(String prefix, long afterRevision) {
    return new EtcdWatch(channels.watch(), this::revision, prefix, afterRevision);
  }

  @Override
  public void compact(long revision) {
    try {
      var _ =
          deadline()
              .compact(
                  CompactionRequest.newBuilder().setRevision(EtcdRevisions.etcd(revision)).build());
    } catch (StatusRuntimeException failed) {
      StoreException translated = EtcdErrors.translate("compact " + revision, failed);
      if (!(translated instanceof StoreException.Compacted)) {
        throw translated;
      }
    }
  }

  @Override
  public void close() {
    channels.close();
  }

  private RangeResponse get(String key) {
    RangeRequest request = RangeRequest.newBuilder().setKey(EtcdKeys.bytes(key)).build();
    return reads.record(() -> read("read " + key, request));
  }

  private static Optional<StoredValue> one(RangeResponse answer) {
    return answer.getKvsCount() == 0
        ? Optional.empty()
        : Optional.of(EtcdRevisions.value(answer.getKvs(0)));
  }

  /// A read may be asked again while there is time: it changes nothing.
  private RangeResponse read(String doing, RangeRequest request) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      long left = deadline - System.nanoTime();
      try {
        return kv.withDeadlineAfter(left, TimeUnit.NANOSECONDS).range(request);
      } catch (StatusRuntimeException failed) {
        boolean again = EtcdErrors.isPassing(failed) && left > 2 * PAUSE.toNanos();
        if (!again || !pause()) {
          throw EtcdErrors.translate(doing, failed);
        }
      }
    }
  }

  private static boolean pause() {
    try {
      Thread.sleep(PAUSE);
      return true;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private KVGrpc.KVBlockingStub deadline() {
    return kv.withDeadlineAfter(patience);
  }
}
