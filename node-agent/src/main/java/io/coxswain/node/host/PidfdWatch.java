package io.coxswain.node.host;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One thread that sleeps in epoll_wait(2) on a descriptor for each process (pidfd_open(2)).
public final class PidfdWatch implements ProcessWatch {

  private static final Logger log = LoggerFactory.getLogger(PidfdWatch.class);

  private record Watched(int pid, Runnable ended) {}

  private final Map<Integer, Watched> byDescriptor = new ConcurrentHashMap<>();
  private final int epoll;
  private final int wakeUp;
  private volatile boolean closed;

  public PidfdWatch() throws SystemCallException {
    epoll = Libc.epollCreate();
    wakeUp = Libc.eventfd();
    Libc.epollAdd(epoll, wakeUp);
    Thread.ofPlatform().name("process-watch").daemon().start(this::loop);
  }

  @Override
  public void whenEnded(int pid, Runnable ended) {
    int descriptor;
    try {
      descriptor = Libc.pidfdOpen(pid);
    } catch (SystemCallException e) {
      ended.run();
      return;
    }
    byDescriptor.put(descriptor, new Watched(pid, ended));
    // From here on the loop may close the descriptor at any moment.
    try {
      Libc.epollAdd(epoll, descriptor);
    } catch (SystemCallException e) {
      throw new IllegalStateException("watch process " + pid, e);
    }
  }

  private void loop() {
    try {
      while (!closed) {
        for (int descriptor : Libc.epollWait(epoll)) {
          if (descriptor != wakeUp) {
            ended(descriptor);
          }
        }
      }
      Libc.close(epoll);
      Libc.close(wakeUp);
    } catch (SystemCallException e) {
      log.error("ends of containers are no longer seen", e);
    }
  }

  private void ended(int descriptor) {
    Watched watched = byDescriptor.remove(descriptor);
    if (watched == null) {
      return;
    }
    try {
      // Closing alone is not enough: a child that is just being made may hold a copy of the
      // descriptor, and the kernel would go on telling about a number that means something else.
      Libc.epollRemove(epoll, descriptor);
      Libc.close(descriptor);
    } catch (SystemCallException e) {
      log.error("descriptor of process {}", watched.pid(), e);
    }
    try {
      watched.ended().run();
    } catch (RuntimeException e) {
      log.error("after the end of process {}", watched.pid(), e);
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      Libc.eventfdSignal(wakeUp);
    } catch (SystemCallException e) {
      log.warn("waking the process watch to end it", e);
    }
  }
}
