package io.coxswain.deploy;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.coxswain.client.lifecycle.Lifecycle;
import io.coxswain.node.host.FilePages;
import io.coxswain.node.host.HostProcesses;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A role from start to end: its parts are started in order, and closed in reverse when the process
/// is asked to end.
final class Program {

  private static final Logger log = LoggerFactory.getLogger(Program.class);

  /// Until what starts has settled; from then on, how long a page is kept that nothing uses.
  private static final Duration SETTLED = Duration.ofSeconds(15);

  private static final Duration UNUSED = Duration.ofMinutes(1);

  /// How long a heap may grow before anybody looks.
  private static final Duration GROWING = Duration.ofSeconds(5);

  interface Assembly {
    void add(Lifecycle lifecycle) throws IOException, InterruptedException;
  }

  private Program() {}

  /// Reads the arguments and runs; or prints what the flags mean, when asked to. Blocks until the
  /// process is asked to end. A part that cannot start ends the process with code 1.
  ///
  /// @throws Flags.UsageException when an argument is wrong
  static void run(List<String> arguments, Flags flags, Assembly assembly)
      throws InterruptedException {
    if (arguments.contains("--help") || arguments.contains("-h")) {
      System.out.println(flags.help());
      return;
    }
    flags.parse(arguments);
    run(assembly);
  }

  private static void run(Assembly assembly) throws InterruptedException {
    Lifecycle lifecycle = new Lifecycle("coxswain");
    CountDownLatch closed = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  lifecycle.close();
                  closed.countDown();
                },
                "shutdown"));
    try {
      assembly.add(lifecycle);
      lifecycle.start();
      log.info("started");
      Readiness.tell(System.getenv(), new HostProcesses());
    } catch (Flags.UsageException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      failed(e);
      System.exit(1);
    }
    if (!closed.await(SETTLED.toMillis(), MILLISECONDS)) {
      release(closed);
    }
    closed.await();
  }

  /// What a person can mend is a sentence. Of all else, and of a file whose path is all that is
  /// said, it matters where it came from.
  private static void failed(Exception e) {
    if (e instanceof IOException && !(e instanceof FileSystemException)) {
      log.error("cannot start: {}", e.getMessage());
      log.debug("where that came from", e);
    } else {
      log.error("cannot start: {}", e.getMessage(), e);
    }
  }

  /// What was used to start, or long ago, is not this program's memory any more. Returns when the
  /// program is closed.
  private static void release(CountDownLatch closed) throws InterruptedException {
    GrownHeap heap = GrownHeap.own();
    Optional<FilePages> pages = filePages();
    do {
      heap.shrink();
      pages.ifPresent(Program::release);
    } while (!isClosed(closed, heap));
  }

  /// Waits until the next look at what is unused.
  private static boolean isClosed(CountDownLatch closed, GrownHeap heap)
      throws InterruptedException {
    long end = System.nanoTime() + UNUSED.toNanos();
    boolean ended = false;
    while (!ended && System.nanoTime() < end) {
      heap.bound();
      ended = closed.await(GROWING.toMillis(), MILLISECONDS);
    }
    return ended;
  }

  private static Optional<FilePages> filePages() {
    try {
      return Optional.of(FilePages.find());
    } catch (IOException | IllegalStateException e) {
      log.debug("unused pages of files stay in memory: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private static void release(FilePages pages) {
    try {
      pages.release();
    } catch (IOException | IllegalStateException e) {
      log.debug("unused pages of files stay in memory: {}", e.getMessage());
    }
  }
}
