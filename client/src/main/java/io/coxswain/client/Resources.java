package io.coxswain.client;

import com.google.protobuf.Message;
import java.util.Optional;

/// The objects of one kind. Every call blocks until the server has answered and throws
/// [ApiException] with the reason when it refused. Objects are immutable; a write answers with what
/// was stored.
///
/// The namespace is empty for kinds of the whole cluster; `list` and `watch` take an empty one as
/// "all".
public interface Resources<T extends Message> {

  /// @throws ApiException with NotFound when there is none
  T read(String namespace, String name);

  /// The object, or nothing when there is none: other refusals still throw.
  Optional<T> find(String namespace, String name);

  ObjectList<T> list(ListOptions options);

  /// Events after `options.resourceVersion()`, in order. The stream ends by [ApiException] with
  /// Expired (410) when that version is too old or the reader fell behind: list again and go on
  /// from there.
  Watch<T> watch(ListOptions options);

  T create(T object);

  /// Replaces the object. With `metadata.resourceVersion` set, only if nobody wrote in between.
  ///
  /// @throws ApiException with Conflict when somebody did
  T update(T object);

  /// Replaces only `status`.
  T updateStatus(T object);

  /// Replaces one subresource of the object by `body`, or creates it where it is one to create, as
  /// Binding or Eviction.
  Message createSubresource(String namespace, String name, String subresource, Message body);

  T patch(String namespace, String name, Patch patch);

  T patchStatus(String namespace, String name, Patch patch);

  /// Asks for deletion. An object with a grace period or finalizers stays, marked, until those are
  /// done with.
  ///
  /// @throws ApiException with NotFound when there is none
  void delete(String namespace, String name, DeletePolicy policy);
}
