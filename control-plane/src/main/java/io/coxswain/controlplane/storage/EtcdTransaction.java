package io.coxswain.controlplane.storage;

import com.google.protobuf.ByteString;
import io.coxswain.controlplane.storage.WriteGroups.Leased;
import io.etcd.jetcd.api.Compare;
import io.etcd.jetcd.api.DeleteRangeRequest;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Writes as one transaction of etcd: each is guarded by a transaction of its own within it, and so
/// is made or refused whatever becomes of the others.
///
/// @param writes of different keys, removals last, as their [revisions][EtcdRevisions] are
record EtcdTransaction(List<Leased> writes) {

  EtcdTransaction {
    writes = List.copyOf(writes);
  }

  TxnRequest request() {
    if (writes.size() == 1) {
      return guarded(writes.getFirst(), 0);
    }
    TxnRequest.Builder all = TxnRequest.newBuilder();
    for (int place = 0; place < writes.size(); place++) {
      all.addSuccess(RequestOp.newBuilder().setRequestTxn(guarded(writes.get(place), place)));
    }
    return all.build();
  }

  private static TxnRequest guarded(Leased leased, int place) {
    ByteString key = EtcdKeys.bytes(leased.write().key());
    return switch (leased.write()) {
      case Write.Create create -> guarded(key, 0, put(key, create.bytes(), leased.lease(), place));
      case Write.Replace replace ->
          guarded(
              key,
              EtcdRevisions.etcd(replace.expectedRevision()),
              put(key, replace.bytes(), leased.lease(), place));
      case Write.Remove remove ->
          guarded(
              key,
              EtcdRevisions.etcd(remove.expectedRevision()),
              RequestOp.newBuilder()
                  .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key))
                  .build());
    };
  }

  private static RequestOp put(ByteString key, ByteString bytes, long lease, int place) {
    return RequestOp.newBuilder()
        .setRequestPut(
            PutRequest.newBuilder()
                .setKey(key)
                .setValue(EtcdRevisions.placed(bytes, place))
                .setLease(lease))
        .build();
  }

  private static TxnRequest guarded(ByteString key, long expected, RequestOp change) {
    return TxnRequest.newBuilder()
        .addCompare(
            Compare.newBuilder()
                .setKey(key)
                .setTarget(Compare.CompareTarget.MOD)
                .setResult(Compare.CompareResult.EQUAL)
                .setModRevision(expected))
        .addSuccess(change)
        .addFailure(RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(key)))
        .build();
  }

  /// What the answer to the request says of each write, in their order.
  List<WriteResult> results(TxnResponse answer) {
    long revision = answer.getHeader().getRevision();
    if (writes.size() == 1) {
      return List.of(result(answer, done(0, 0, revision)));
    }
    List<WriteResult> results = new ArrayList<>(writes.size());
    int removed = 0;
    for (int place = 0; place < writes.size(); place++) {
      TxnResponse one = answer.getResponses(place).getResponseTxn();
      results.add(result(one, done(place, removed, revision)));
      removed += one.getSucceeded() && writes.get(place).write() instanceof Write.Remove ? 1 : 0;
    }
    return results;
  }

  private long done(int place, int removed, long revision) {
    return writes.get(place).write() instanceof Write.Remove
        ? EtcdRevisions.removed(revision, removed)
        : EtcdRevisions.written(revision, place);
  }

  private static WriteResult result(TxnResponse answer, long revision) {
    if (answer.getSucceeded()) {
      return new WriteResult.Done(revision);
    }
    RangeResponse current = answer.getResponses(0).getResponseRange();
    return new WriteResult.Refused(
        current.getKvsCount() == 0
            ? Optional.empty()
            : Optional.of(EtcdRevisions.value(current.getKvs(0))));
  }
}
