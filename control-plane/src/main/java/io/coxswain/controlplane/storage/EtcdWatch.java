package io.coxswain.controlplane.storage;

import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.WatchCreateRequest;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A watch that outlives its streams: when one breaks, the next begins after the last change that
/// was told. It asks etcd to end streams of a member that has lost its leader, which would else
/// stay silent for as long as the partition lasts.
final class EtcdWatch implements StoreWatch {

  private static final Logger log = LoggerFactory.getLogger(EtcdWatch.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private final WatchGrpc.WatchStub stub;
  private final LongSupplier newestRevision;
  private final String prefix;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable EtcdWatchStream stream;
  private long told;
  private Duration pause = FIRST_PAUSE;

  /// @param newestRevision the store's revision as all members agree on it; blocks
  EtcdWatch(
      ManagedChannel channel, LongSupplier newestRevision, String prefix, long afterRevision) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");
    this.stub =
        WatchGrpc.newStub(channel)
            .withWaitForReady()
            .withExecutor(Runnable::run)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    this.newestRevision = newestRevision;
    this.prefix = prefix;
    this.told = afterRevision;
  }

  @Override
  public Batch next(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      requireOpen();
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return new Batch(List.of(), told);
      }
      try {
        WatchResponse answer = current().take(left);
        Batch batch = answer == null ? null : tell(answer);
        if (batch != null) {
          return batch;
        }
      } catch (StatusRuntimeException broken) {
        broke(broken, deadline);
      }
    }
  }

  /// Turns an answer into a batch, if there is anything in it for the reader.
  private @Nullable Batch tell(WatchResponse answer) {
    if (answer.getCompactRevision() > 0) {
      throw new StoreException.Compacted(
          "changes after " + told + " are forgotten up to " + answer.getCompactRevision());
    }
    if (answer.getCanceled()) {
      throw Status.UNAVAILABLE.withDescription(answer.getCancelReason()).asRuntimeException();
    }
    if (answer.getCreated()) {
      requireHistory(EtcdRevisions.whole(answer.getHeader().getRevision()));
      return null;
    }
    pause = FIRST_PAUSE;
    List<StoreEvent> events = events(answer);
    if (answer.getEventsCount() == 0) {
      told = Math.max(told, EtcdRevisions.whole(answer.getHeader().getRevision()));
    } else {
      told =
          EtcdRevisions.whole(
              answer.getEvents(answer.getEventsCount() - 1).getKv().getModRevision());
    }
    return new Batch(events, told);
  }

  /// The answer's changes, but for those of a revision of etcd that were told before.
  private List<StoreEvent> events(WatchResponse answer) {
    List<StoreEvent> events = new ArrayList<>(answer.getEventsCount());
    long revision = 0;
    int removed = 0;
    for (Event event : answer.getEventsList()) {
      KeyValue kv = event.getKv();
      removed = kv.getModRevision() == revision ? removed : 0;
      revision = kv.getModRevision();
      StoreEvent one =
          event.getType() == Event.EventType.DELETE
              ? new StoreEvent.Removed(
                  kv.getKey().toStringUtf8(), EtcdRevisions.removed(revision, removed++))
              : new StoreEvent.Put(EtcdRevisions.value(kv));
      if (one.revision() > told) {
        events.add(one);
      }
    }
    return events;
  }

  /// A store younger than what was told is another one, as after a restore from a backup: it would
  /// stay silent until it has caught up, and then tell the wrong changes. One member alone may just
  /// be late, so the whole cluster is asked.
  private void requireHistory(long revision) {
    if (revision < told && newestRevision.getAsLong() < told) {
      throw new StoreException.Compacted(
          "the store is at revision " + revision + ", before " + told + ", which was told already");
    }
  }

  private EtcdWatchStream current() {
    EtcdWatchStream open = stream;
    if (open == null) {
      WatchCreateRequest create =
          WatchCreateRequest.newBuilder()
              .setKey(EtcdKeys.bytes(prefix))
              .setRangeEnd(EtcdKeys.endOf(prefix))
              .setStartRevision(EtcdRevisions.firstAfter(told))
              .setProgressNotify(true)
              .build();
      open = new EtcdWatchStream(stub, WatchRequest.newBuilder().setCreateRequest(create).build());
      stream = open;
    }
    return open;
  }

  private void broke(StatusRuntimeException broken, long deadline) throws InterruptedException {
    drop();
    log.debug("The watch of {} after {} broke and begins again", prefix, told, broken);
    long wait = Math.min(pause.toNanos(), deadline - System.nanoTime());
    if (wait > 0 && closing.await(wait, TimeUnit.NANOSECONDS)) {
      requireOpen();
    }
    Duration doubled = pause.multipliedBy(2);
    pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
  }

  private void requireOpen() {
    if (closing.getCount() == 0) {
      throw new IllegalStateException("the watch of " + prefix + " is closed");
    }
  }

  private void drop() {
    EtcdWatchStream open = stream;
    stream = null;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public void close() {
    closing.countDown();
    EtcdWatchStream open = stream;
    if (open != null) {
      open.close();
    }
  }
}
