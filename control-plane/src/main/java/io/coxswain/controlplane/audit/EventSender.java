package io.coxswain.controlplane.audit;

import io.coxswain.controlplane.webhook.WebhookClient;
import io.coxswain.controlplane.webhook.WebhookPlace;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Sends events to a webhook as an `EventList`. What was not taken is sent again a few times, each
/// after a longer while; whatever the reason, since the receiver may come back.
final class EventSender implements Sink {

  private static final int ATTEMPTS = 5;
  private static final double SLOWER = 1.5;
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private static final byte[] HEAD =
      ascii(
          "{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"metadata\":{},\"items\":[");

  private final WebhookPlace place;
  private final WebhookClient client;
  private final Duration backoff;
  private final CountDownLatch ending = new CountDownLatch(1);

  EventSender(Path kubeconfig, Duration backoff) throws IOException {
    ReceiverFile receiver = ReceiverFile.read(kubeconfig, LONGEST);
    this.place = receiver.place();
    this.client = receiver.client();
    this.backoff = backoff;
  }

  @Override
  public String name() {
    return "webhook";
  }

  @Override
  public void write(List<byte[]> events) throws IOException, InterruptedException {
    byte[] list = list(events);
    long nanos = backoff.toNanos();
    for (int attempt = 1; ; attempt++) {
      try {
        var _ = client.post(place, list);
        return;
      } catch (IOException e) {
        if (attempt == ATTEMPTS || ending.await(nanos, TimeUnit.NANOSECONDS)) {
          throw new IOException(place.url() + ": " + e.getMessage(), e);
        }
        nanos = (long) (nanos * SLOWER);
      }
    }
  }

  /// Items of a list do not say again what they are.
  static byte[] list(List<byte[]> events) {
    ByteArrayOutputStream list = new ByteArrayOutputStream();
    list.writeBytes(HEAD);
    boolean first = true;
    for (byte[] event : events) {
      if (!first) {
        list.write(',');
      }
      first = false;
      list.write('{');
      int from = EventJson.KIND.length;
      list.write(event, from, event.length - from);
    }
    list.writeBytes(ascii("]}"));
    return list.toByteArray();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void hurry() {
    ending.countDown();
  }

  @Override
  public void close() {
    hurry();
  }
}
