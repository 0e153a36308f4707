package io.coxswain.controlplane.consistency;

import io.coxswain.controlplane.consistency.Operation.Event;
import io.coxswain.controlplane.consistency.Operation.Watched;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// One watcher, as informers are: goes on where it was cut off, and lists again only when it is
/// told that what it missed is forgotten.
final class Onlooker implements Callable<Long> {

  private static final long PAUSE_NANOS = 20_000_000;

  private final Api api;
  private final Consumer<Operation> history;
  private final AtomicBoolean over;
  private final AtomicInteger cuts = new AtomicInteger();
  private final AtomicInteger lists = new AtomicInteger();

  private final List<Event> events = new ArrayList<>();
  private long begin;
  private long after;
  private volatile long until;

  Onlooker(Api api, Consumer<Operation> history, AtomicBoolean over) {
    this.api = api;
    this.history = history;
    this.over = over;
  }

  /// Up to which revision it was told everything.
  long until() {
    return until;
  }

  /// How often it was cut off, and how often it had to list.
  String story() {
    return cuts + " cuts, " + lists + " lists";
  }

  @Override
  public Long call() throws InterruptedException {
    boolean fresh = true;
    while (!over.get()) {
      try {
        if (fresh) {
          fresh = !list();
          continue;
        }
        fresh = follow();
        cuts.incrementAndGet();
      } catch (IOException unreachable) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
    told();
    return until;
  }

  private boolean list() {
    long asked = System.nanoTime();
    Api.Answer answer = api.list("");
    if (answer.code() != 200) {
      return false;
    }
    told();
    lists.incrementAndGet();
    history.accept(Customer.listing(asked, System.nanoTime(), -1, answer.body()));
    begin = asked;
    after = Long.parseLong(answer.body().at("/metadata/resourceVersion").asString());
    until = after;
    return true;
  }

  /// @return whether it must list
  private boolean follow() throws IOException, InterruptedException {
    HttpResponse<java.io.InputStream> answer = api.watch(until);
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      if (answer.statusCode() != 200) {
        return answer.statusCode() == 410;
      }
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode event = Api.JSON.readTree(line);
        String type = event.path("type").asString();
        if (type.equals("ERROR")) {
          return event.at("/object/code").asInt(0) == 410;
        }
        Seen seen = Api.seen(event.path("object"));
        if (!type.equals("BOOKMARK")) {
          events.add(new Event(type, event.at("/object/metadata/name").asString(), seen));
        }
        until = seen.revision();
      }
    } catch (tools.jackson.core.JacksonException cutInTheMiddle) {
      return false;
    }
    return false;
  }

  private void told() {
    if (after > 0) {
      history.accept(new Watched(begin, System.nanoTime(), after, until, events));
      events.clear();
    }
  }
}
