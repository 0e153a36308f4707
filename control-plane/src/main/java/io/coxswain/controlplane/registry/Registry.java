package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.DeleteOptions;
import io.coxswain.client.ApiException;
import io.coxswain.client.Patch;
import io.coxswain.controlplane.watch.CacheWatch;
import io.coxswain.controlplane.watch.CachedObject;

/// The verbs on stored objects of any kind. Every call blocks and throws [ApiException] with the
/// reason when it refuses. Safe for use by many threads.
public interface Registry extends AutoCloseable {

  /// @param resourceVersion empty for the latest; otherwise from the cache, not older than this
  /// @throws ApiException with NotFound when there is none
  CachedObject read(Target target, String resourceVersion);

  /// A subresource that has a message of its own, as `scale`.
  Message readPart(Target target);

  Listing list(ListQuery query);

  /// @throws ApiException with Expired when the resource version is too old
  CacheWatch watch(WatchQuery query);

  /// Stores a new object, or makes a subresource happen, as `binding` or `eviction` of a pod.
  Written create(Target target, Message body, WriteOptions options);

  /// Replaces the object or a subresource: `status`, `scale`, a namespace's `finalize`.
  Written update(Target target, Message body, WriteOptions options);

  Written patch(Target target, Patch patch, WriteOptions options);

  Deleted delete(Target target, DeleteOptions how, WriteOptions options);

  /// Deletes every object that the query finds, and answers with them.
  Listing deleteCollection(ListQuery query, DeleteOptions how, WriteOptions options);

  @Override
  void close();
}
