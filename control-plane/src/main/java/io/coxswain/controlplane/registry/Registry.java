package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.DeleteOptions;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.Patch;
import io.coxswain.controlplane.watch.CacheWatch;
import io.coxswain.controlplane.watch.CachedObject;

/// The verbs on stored objects of any kind. Every call blocks and throws [ApiException] with the
/// reason when it refuses. Safe for use by many threads.
public final class Registry implements AutoCloseable {

  /// @param resourceVersion empty for the latest; otherwise from the cache, not older than this
  /// @throws ApiException with NotFound when there is none
  public CachedObject read(Target target, String resourceVersion) {
    throw missing(target);
  }

  /// A subresource that has a message of its own, as `scale`.
  public Message readPart(Target target) {
    throw missing(target);
  }

  public Listing list(ListQuery query) {
    throw missing(Target.of(query.type(), query.namespace(), ""));
  }

  /// @throws ApiException with Expired when the resource version is too old
  public CacheWatch watch(WatchQuery query) {
    throw missing(Target.of(query.type(), query.namespace(), ""));
  }

  /// Stores a new object, or makes a subresource happen, as `binding` or `eviction` of a pod.
  public Written create(Target target, Message body, WriteOptions options) {
    throw missing(target);
  }

  /// Replaces the object or a subresource: `status`, `scale`, a namespace's `finalize`.
  public Written update(Target target, Message body, WriteOptions options) {
    throw missing(target);
  }

  public Written patch(Target target, Patch patch, WriteOptions options) {
    throw missing(target);
  }

  public Deleted delete(Target target, DeleteOptions how, WriteOptions options) {
    throw missing(target);
  }

  /// Deletes every object that the query finds, and answers with them.
  public Listing deleteCollection(ListQuery query, DeleteOptions how, WriteOptions options) {
    throw missing(Target.of(query.type(), query.namespace(), ""));
  }

  @Override
  public void close() {}

  private static ApiException missing(Target target) {
    return new ApiException(new ApiError.NotImplemented(target + ": not built yet"));
  }
}
