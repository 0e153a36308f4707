package io.coxswain.controlplane.hostile;

import java.io.IOException;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Connections that stay open while others are served, and on which a byte comes now and then: slow
/// senders and readers. The oldest go when there are many.
final class Lingering implements AutoCloseable {

  private static final int MOST = 150;
  private static final long BEAT_MILLIS = 500;

  private record One(Socket socket, int drip) {}

  private final ArrayDeque<One> open = new ArrayDeque<>();
  private final Thread dripper = Thread.ofVirtual().name("dripper").unstarted(this::drip);

  static Lingering start() {
    Lingering lingering = new Lingering();
    lingering.dripper.start();
    return lingering;
  }

  /// @param drip a byte that is sent again and again; below 0 for silence
  synchronized void keep(Socket socket, int drip) {
    open.add(new One(socket, drip));
    if (open.size() > MOST) {
      end(open.remove());
    }
  }

  private synchronized List<One> all() {
    return new ArrayList<>(open);
  }

  private synchronized void forget(One one) {
    open.remove(one);
    end(one);
  }

  private static void end(One one) {
    try {
      one.socket().close();
    } catch (IOException e) {
      // the server was quicker
    }
  }

  private void drip() {
    try {
      while (true) {
        TimeUnit.MILLISECONDS.sleep(BEAT_MILLIS);
        for (One one : all()) {
          if (one.drip() >= 0) {
            try {
              one.socket().getOutputStream().write(one.drip());
            } catch (IOException e) {
              forget(one);
            }
          }
        }
      }
    } catch (InterruptedException e) {
      // asked to end
    }
  }

  @Override
  public void close() {
    dripper.interrupt();
    try {
      dripper.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    all().forEach(this::forget);
  }
}
