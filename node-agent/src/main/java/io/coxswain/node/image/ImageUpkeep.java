package io.coxswain.node.image;

import io.coxswain.client.lifecycle.TaskScope;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a node's images ready and few: prepares once what pods are likely to ask for, and looks
/// from time to time whether the disk is too full.
public final class ImageUpkeep implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ImageUpkeep.class);
  private static final Duration EVERY = Duration.ofMinutes(5);

  private final Images images;
  private final CollectOptions options;
  private final TaskScope tasks = new TaskScope("images");

  public ImageUpkeep(Images images, CollectOptions options) {
    this.images = images;
    this.options = options;
  }

  /// Returns at once.
  public void start() {
    tasks.fork("upkeep", this::keep);
  }

  private void keep() throws InterruptedException {
    try {
      images.prepare();
    } catch (IOException e) {
      log.warn("host:/// cannot be prepared; a pod that asks for it will say why", e);
    }
    while (true) {
      Thread.sleep(EVERY);
      look();
    }
  }

  /// Looks once.
  void look() {
    try {
      List<String> gone = images.collectGarbage(options);
      if (!gone.isEmpty()) {
        log.info("images that nobody used are gone: {}", gone);
      }
    } catch (IOException | RuntimeException e) {
      // The next look may find it better; a full disk shows in many other ways.
      log.warn("unused images stay", e);
    }
  }

  @Override
  public void close() {
    tasks.close();
  }
}
