package io.coxswain.node.service;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// [Nftables] by starting `nft` for each transaction: for hosts without libnftables. It runs in the
/// network namespace of the calling thread.
final class NftProgram implements Nftables {

  private static final Logger LOG = LoggerFactory.getLogger(NftProgram.class);
  private static final long PATIENCE_SECONDS = 60;

  @Override
  public String run(String commands) throws IOException {
    Process nft = new ProcessBuilder("nft", "-t", "-f", "-").start();
    StringBuilder complaint = new StringBuilder();
    Thread errors = Thread.ofVirtual().start(() -> complaint.append(text(nft.getErrorStream())));
    Thread feeder = Thread.ofVirtual().start(() -> feed(nft, commands));
    try {
      String printed = text(nft.getInputStream());
      errors.join();
      feeder.join();
      if (!nft.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("nft did not end within %d s".formatted(PATIENCE_SECONDS));
      }
      if (nft.exitValue() != 0) {
        throw new IOException("nft refused: " + complaint.toString().strip());
      }
      return printed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while nft ran", e);
    } finally {
      nft.destroyForcibly();
    }
  }

  private static void feed(Process nft, String commands) {
    try (OutputStream input = nft.getOutputStream()) {
      input.write(commands.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It ended before it had read all; its exit code and words say why.
      LOG.debug("nft did not read its commands", e);
    }
  }

  private static String text(InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "(its output could not be read: %s)".formatted(e.getMessage());
    }
  }

  @Override
  public void close() {}
}
