package io.coxswain.client.informer;

import com.google.protobuf.Message;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ListOptions;
import io.coxswain.schema.ResourceType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Shares one informer a kind and selection among everybody in a program who needs it. Add indexes
/// and handlers, then [#start]. Safe for use by many threads.
public final class InformerFactory implements AutoCloseable {

  private record Selection(ResourceType<?> type, ListOptions options) {}

  private final ApiClient client;
  private final Map<Selection, Informer<?>> informers = new LinkedHashMap<>();

  private final boolean driven;

  public InformerFactory(ApiClient client) {
    this(client, false);
  }

  private InformerFactory(ApiClient client, boolean driven) {
    this.client = client;
    this.driven = driven;
  }

  /// Informers that never start by themselves: whoever asked for them calls [Informer#step].
  public static InformerFactory driven(ApiClient client) {
    return new InformerFactory(client, true);
  }

  /// Those asked for so far, in that order.
  public synchronized List<Informer<?>> informers() {
    return List.copyOf(informers.values());
  }

  public <T extends Message> Informer<T> informer(Class<T> kind) {
    return informer(ResourceType.of(kind), ListOptions.ALL);
  }

  /// The one informer of this selection, made when asked for the first time.
  @SuppressWarnings("unchecked") // the key holds the type that the value was made with
  public synchronized <T extends Message> Informer<T> informer(
      ResourceType<T> type, ListOptions options) {
    return (Informer<T>)
        informers.computeIfAbsent(
            new Selection(type, options), s -> Informer.of(client.resources(type), options));
  }

  /// Starts every informer asked for so far; call it again after asking for more.
  public void start() {
    if (driven) {
      return;
    }
    all().forEach(Informer::start);
  }

  /// Waits until each has its first list; false when one has not in time.
  public boolean awaitSync(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    for (Informer<?> informer : all()) {
      if (!informer.awaitSync(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())))) {
        return false;
      }
    }
    return true;
  }

  /// Starts and waits.
  ///
  /// @throws IllegalStateException when the API did not answer in time
  public void startAndSync(Duration patience) throws InterruptedException {
    start();
    if (!awaitSync(patience)) {
      throw new IllegalStateException(
          "the API server did not list everything within " + patience.toSeconds() + " s");
    }
  }

  @Override
  public void close() {
    all().forEach(Informer::close);
  }

  private synchronized List<Informer<?>> all() {
    return new ArrayList<>(informers.values());
  }
}
