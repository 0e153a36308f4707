package io.coxswain.controlplane.hostile;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/// A server under hostile requests, from before the first to after the last one: what it stored is
/// read and written back in between, somebody well-behaved is served all the while, and in the end
/// it holds no more than after the first of them.
final class Siege {

  /// The most that a node's lease may be without a renewal before the node counts as lost.
  private static final Duration LEASE = Duration.ofSeconds(10);

  private static final Duration SETTLING = Duration.ofMinutes(2);
  private static final int ENOUGH = 20;

  /// Which requests, and how many between two looks at what is stored.
  record Plan(long seed, long first, long count, long batch) {

    /// One or a few, to see them again.
    boolean isGlance() {
      return count <= batch;
    }
  }

  private final Target target;
  private final long pid;
  private final Plan plan;
  private final CopyOnWriteArrayList<String> problems = new CopyOnWriteArrayList<>();
  private final List<String> told = new ArrayList<>();
  private int stored;

  /// @param pid the server's
  Siege(Target target, long pid, Plan plan) {
    this.target = target;
    this.pid = pid;
    this.plan = plan;
  }

  /// What went wrong; empty when nothing did.
  List<String> problems() {
    return problems;
  }

  /// What is worth knowing, line by line.
  List<String> told() {
    return told;
  }

  /// The most objects that were stored at a time.
  int stored() {
    return stored;
  }

  /// Blocks until it is over.
  void run() throws IOException, InterruptedException {
    prepare();
    Inventory inventory = new Inventory(target);
    RequestSource source = new RequestSource(new Corpus(), plan.seed());
    Optional<Vitals> before;
    Bystander bystander = Bystander.start(target, problems);
    try (bystander;
        Caps _ = Caps.keep(target, RequestSource.NAMESPACES);
        Lingering lingering = Lingering.start()) {
      Assault assault = new Assault(target, source, lingering, problems);
      before = storm(assault, inventory);
      tell("answers: " + assault.counts());
    }
    tell("a well-behaved client: " + bystander);
    if (bystander.longestGap().compareTo(LEASE) > 0) {
      problems.add("a lease was not renewed in time: " + bystander);
    }
    if (before.isPresent()) {
      compare(before.get(), inventory);
    }
  }

  /// @return what the server held after the first batch, where there is more than one
  private Optional<Vitals> storm(Assault assault, Inventory inventory)
      throws IOException, InterruptedException {
    Optional<Vitals> before = Optional.empty();
    long end = plan.first() + plan.count();
    for (long from = plan.first(); from < end; from += plan.batch()) {
      long to = Math.min(from + plan.batch(), end);
      assault.run(from, to);
      look(to, inventory);
      if (problems.size() > ENOUGH) {
        break;
      }
      if (before.isEmpty() && !plan.isGlance()) {
        before = Optional.of(settled(inventory));
        tell("after the first " + plan.batch() + ": " + before.get());
      }
    }
    return before;
  }

  private void prepare() throws IOException, InterruptedException {
    List<String> namespaces = new ArrayList<>(RequestSource.NAMESPACES);
    namespaces.add(Bystander.NAMESPACE);
    for (String namespace : namespaces) {
      String path = "/api/v1/namespaces";
      var _ = target.send("POST", path, "{\"metadata\":{\"name\":\"" + namespace + "\"}}");
      var _ =
          target.send(
              "POST",
              path + "/" + namespace + "/serviceaccounts",
              "{\"metadata\":{\"name\":\"default\"}}");
    }
  }

  private void tell(String what) {
    told.add(what);
    System.out.println(what);
  }

  private void look(long to, Inventory inventory) throws IOException, InterruptedException {
    inventory.removeFarReaching();
    ReadBack readBack = new ReadBack(target);
    for (String problem : readBack.problems()) {
      problems.add("before " + to + ": " + problem);
    }
    stored = Math.max(stored, readBack.objects());
    System.out.printf(
        "%d sent; %d objects read and put back; %d problems%n",
        to - plan.first(), readBack.objects(), problems.size());
  }

  /// What the server holds when all is removed that was made.
  private Vitals settled(Inventory inventory) throws IOException, InterruptedException {
    long end = System.nanoTime() + SETTLING.toNanos();
    List<String> left = inventory.removeNew();
    while (!left.isEmpty() && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(200);
      left = inventory.removeNew();
    }
    left.forEach(one -> problems.add("cannot be removed: " + one));
    return Vitals.of(pid, target);
  }

  private void compare(Vitals before, Inventory inventory)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + SETTLING.toNanos();
    Vitals after = settled(inventory);
    while (!after.isNear(before) && System.nanoTime() < end) {
      TimeUnit.SECONDS.sleep(2);
      after = Vitals.of(pid, target);
    }
    tell("after all: " + after);
    if (!after.isNear(before)) {
      problems.add(
          "more is held than after the first %d: %s; it was %s"
              .formatted(plan.batch(), after, before));
    }
  }
}
