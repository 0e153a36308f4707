package io.coxswain.client.testing;

import com.google.protobuf.Message;
import io.coxswain.client.Watch;
import io.coxswain.client.WatchEvent;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// Takes the API's lock to close, since closing changes who is told of writes.
record LockedWatch(Watch<Message> watch, ReentrantLock lock) implements Watch<Message> {

  @Override
  public Optional<WatchEvent<Message>> next(Duration patience) throws InterruptedException {
    return watch.next(patience);
  }

  @Override
  public void close() {
    lock.lock();
    try {
      watch.close();
    } finally {
      lock.unlock();
    }
  }
}
