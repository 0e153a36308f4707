package io.coxswain.controlplane.controller.framework;

/// One controller: it has registered its handlers and indexes with the informers when it is made,
/// works between [#start] and [#close], and may be started again after that, as leadership comes
/// and goes.
public interface Controller extends AutoCloseable {

  /// Its keys, and the threads that work on them.
  Work work();

  default String name() {
    return work().name();
  }

  /// Looks at everything there is, then at what changes. The informers have synced before.
  default void start() {
    work().start();
  }

  /// Ends its work and waits for what is being done.
  @Override
  default void close() {
    work().close();
  }
}
