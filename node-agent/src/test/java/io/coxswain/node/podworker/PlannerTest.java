package io.coxswain.node.podworker;

import static io.coxswain.node.podworker.Situation.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.core.v1.ResourceRequirements;
import io.coxswain.node.podworker.ContainerView.Stopping;
import io.coxswain.node.podworker.Situation.One;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PlannerTest {

  record Case(String name, Situation situation, List<Action> plan) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case of(String name, Situation situation, Action... plan) {
    return new Case(name, situation, List.of(plan));
  }

  private static Situation always() {
    return new Situation("Always");
  }

  private static Situation up(String policy) {
    return new Situation(policy).setUp();
  }

  private static final Instant LATER = NOON.plusSeconds(10);

  static List<Case> beginning() {
    return List.of(
        of("nothing is there yet", always().container(One.main("a")), new Action.SetUp()),
        of(
            "setting up failed a moment ago",
            always().setUpAt(LATER).container(One.main("a")),
            new Action.WaitUntil(LATER)),
        of(
            "all images are pulled at once",
            up("Always").container(One.main("a")).container(One.main("b")),
            new Action.PullImage("a"),
            new Action.PullImage("b")),
        of("an image is on the way", up("Always").container(One.main("a").pulling())),
        of(
            "an image is there",
            up("Always").container(One.main("a").pulled()),
            new Action.StartContainer("a")),
        of("all runs", up("Always").container(One.main("a").running())),
        of(
            "init containers come first",
            up("Always").container(One.init("i")).container(One.main("a")),
            new Action.PullImage("i")),
        of(
            "and one after the other",
            up("Always")
                .container(One.init("i").ended(0))
                .container(One.init("j").pulled())
                .container(One.main("a")),
            new Action.StartContainer("j")),
        of(
            "an init container that runs is waited for",
            up("Always").container(One.init("i").running()).container(One.main("a"))),
        of(
            "a sidecar that has not started holds up the rest",
            up("Always")
                .container(One.sidecar("s").running().unstarted())
                .container(One.main("a"))),
        of(
            "a sidecar that has started does not",
            up("Always").container(One.sidecar("s").running()).container(One.main("a").pulled()),
            new Action.StartContainer("a")),
        of(
            "but they run again in a sandbox that was made anew",
            up("Always")
                .container(One.init("i").ended(0).outlived().pulled())
                .container(One.main("a").ended(137).outlived().pulled()),
            new Action.StartContainer("i")),
        of(
            "after which the main one does",
            up("Always")
                .container(One.init("i").ended(0))
                .container(One.main("a").ended(137).outlived().pulled()),
            new Action.StartContainer("a")),
        of(
            "a pod that is never started again is over with its sandbox",
            up("Never")
                .container(One.init("i").ended(0).outlived())
                .container(One.main("a").ended(137).outlived()),
            new Action.Release()),
        of(
            "init containers do not run again once a main one was started",
            up("Always").container(One.init("i")).container(One.main("a").running())));
  }

  private static ResizeView group(boolean outdated, Instant notBefore) {
    return new ResizeView(
        Optional.empty(),
        Optional.empty(),
        outdated,
        ResourceRequirements.getDefaultInstance(),
        notBefore);
  }

  private static One resized(String name) {
    return One.main(name).wants("cpu=100m").granted().wants("cpu=200m");
  }

  static List<Case> resizes() {
    return List.of(
        of(
            "what runs with other resources than are set aside gets them",
            up("Always").container(resized("a")).container(One.main("b").running()),
            new Action.Resize()),
        of(
            "who ended has them from the next start",
            up("Always").container(One.main("a").wants("cpu=100m").ended(0).pulled()),
            new Action.StartContainer("a")),
        of(
            "but not before the time of the next try",
            up("Always").resizing(group(false, LATER)).container(resized("a")),
            new Action.WaitUntil(LATER)),
        of(
            "the pod's own group may be all that is behind, and comes before a start",
            up("Always")
                .resizing(group(true, Instant.EPOCH))
                .container(One.main("a").ended(1).pulled()),
            new Action.Resize(),
            new Action.StartContainer("a")),
        of(
            "a policy has the container started again",
            up("Always").container(resized("a").restartedFor("cpu")),
            new Action.BeginStop("a", "Container a resize requires restart", -1)),
        of(
            "for its own resource only",
            up("Always").container(resized("a").restartedFor("memory")),
            new Action.Resize()),
        of(
            "others get theirs when that has ended",
            up("Always").container(resized("a").restartedFor("cpu")).container(resized("b")),
            new Action.BeginStop("a", "Container a resize requires restart", -1)),
        of(
            "what ended for its resources starts again whatever the pod's policy",
            up("OnFailure").container(One.main("a").ended(0).forResize().pulled()),
            new Action.StartContainer("a")),
        of(
            "a pod that ends gets nothing any more",
            up("Always").deleted(30).container(resized("a")),
            new Action.BeginStop("a", "", -1)));
  }

  static List<Case> ends() {
    return List.of(
        of(
            "a container that was added starts whatever the others do",
            up("Always")
                .container(One.init("i").running())
                .container(One.main("a"))
                .container(One.ephemeral("e").pulled()),
            new Action.StartContainer("e")),
        of(
            "and starts once",
            up("Always").container(One.main("a").running()).container(One.ephemeral("e").ended(1))),
        of(
            "it ends with the pod",
            up("Never").container(One.main("a").ended(0)).container(One.ephemeral("e").running()),
            new Action.BeginStop("e", "", -1)),
        of(
            "a container that ended is started again",
            up("Always").container(One.main("a").ended(0)),
            new Action.PullImage("a")),
        of(
            "but not before its time",
            up("Always").container(One.main("a").ended(1).notBefore(LATER)),
            new Action.WaitUntil(LATER)),
        of(
            "OnFailure starts a failure again",
            up("OnFailure").container(One.main("a").ended(1).pulled()),
            new Action.StartContainer("a")),
        of(
            "OnFailure is content with success",
            up("OnFailure").container(One.main("a").ended(0)),
            new Action.Release()),
        of(
            "Never leaves a failure",
            up("Never").container(One.main("a").ended(1)),
            new Action.Release()),
        of(
            "one of two has ended for good",
            up("Never").container(One.main("a").ended(1)).container(One.main("b").running())),
        of("a finished pod rests", up("Never").released().container(One.main("a").ended(0))),
        of(
            "a failed init container ends the pod",
            up("Never").container(One.init("i").ended(1)).container(One.main("a")),
            new Action.Release()),
        of(
            "or is started again",
            up("OnFailure").container(One.init("i").ended(1).pulled()).container(One.main("a")),
            new Action.StartContainer("i")),
        of(
            "sidecars end after the main containers",
            up("Never")
                .container(One.sidecar("s").running())
                .container(One.sidecar("t").running())
                .container(One.main("a").ended(0)),
            new Action.BeginStop("t", "", -1)),
        of(
            "an unhealthy container is ended",
            up("Always").container(One.main("a").running().unhealthy("liveness")),
            new Action.BeginStop("a", "liveness", -1)),
        of(
            "the deadline has passed",
            up("Always")
                .with(pod -> pod.getSpecBuilder().setActiveDeadlineSeconds(100))
                .container(One.main("a").running()),
            new Action.Fail(
                "DeadlineExceeded",
                "Pod was active on the node longer than the specified deadline")),
        of(
            "the deadline is to come",
            up("Always")
                .with(pod -> pod.getSpecBuilder().setActiveDeadlineSeconds(110))
                .container(One.main("a").running()),
            new Action.WaitUntil(LATER)),
        of(
            "a failed pod is ended",
            up("Always").failed("DeadlineExceeded").container(One.main("a").running()),
            new Action.BeginStop("a", "", -1)),
        of(
            "and given back",
            up("Always").failed("DeadlineExceeded").container(One.main("a").ended(143)),
            new Action.Release()));
  }

  private static Stopping stopping(long secondsAgo, boolean hookDone, boolean signalled) {
    return new Stopping(NOON.minusSeconds(secondsAgo), -1, hookDone, signalled, Instant.MAX);
  }

  static List<Case> deletions() {
    return List.of(
        of(
            "all containers are asked to end at once",
            up("Always")
                .deleted(30)
                .container(One.main("a").running())
                .container(One.main("b").running()),
            new Action.BeginStop("a", "", -1),
            new Action.BeginStop("b", "", -1)),
        of(
            "the hook runs",
            up("Always")
                .deleted(30)
                .container(One.main("a").running().stopping(stopping(20, false, false))),
            new Action.WaitUntil(LATER)),
        of(
            "the hook is done",
            up("Always")
                .deleted(30)
                .container(One.main("a").running().stopping(stopping(20, true, false))),
            new Action.Signal("a"),
            new Action.WaitUntil(LATER)),
        of(
            "patience is over",
            up("Always")
                .deleted(30)
                .container(One.main("a").running().stopping(stopping(30, true, true))),
            new Action.Kill("a"),
            new Action.WaitUntil(LATER)),
        of(
            "a second deletion has less patience",
            up("Always")
                .deleted(5)
                .container(One.main("a").running().stopping(stopping(20, true, true))),
            new Action.Kill("a"),
            new Action.WaitUntil(LATER)),
        of(
            "it was killed and is still there",
            up("Always")
                .deleted(30)
                .container(
                    One.main("a")
                        .running()
                        .stopping(
                            new Stopping(
                                NOON.minusSeconds(50), -1, true, true, NOON.minusSeconds(10)))),
            new Action.Kill("a"),
            new Action.WaitUntil(LATER)),
        of(
            "all has ended",
            up("Always").deleted(30).container(One.main("a").ended(0)),
            new Action.TearDown(),
            new Action.DeleteObject()),
        of(
            "it never began",
            always().deleted(0).container(One.main("a")),
            new Action.TearDown(),
            new Action.DeleteObject()),
        of(
            "a finished pod is deleted",
            up("Never").released().deleted(30).container(One.main("a").ended(0)),
            new Action.TearDown(),
            new Action.DeleteObject()),
        of(
            "a pod that the API has no more has a second",
            up("Always")
                .gone()
                .container(One.main("a").running().stopping(stopping(1, true, true))),
            new Action.Kill("a"),
            new Action.WaitUntil(LATER)),
        of(
            "and leaves no object to delete",
            up("Always").gone().container(One.main("a").ended(137)),
            new Action.TearDown()),
        of(
            "sidecars stay until the main containers have ended",
            up("Always")
                .deleted(30)
                .container(One.sidecar("s").running())
                .container(One.main("a").running()),
            new Action.BeginStop("a", "", -1)),
        of(
            "then they end too",
            up("Always")
                .deleted(30)
                .container(One.sidecar("s").running())
                .container(One.main("a").ended(0)),
            new Action.BeginStop("s", "", -1)));
  }

  static List<Case> halts() {
    return List.of(
        of(
            "the node goes down: what runs is asked to end, and nothing is started",
            up("Always")
                .halts(LATER)
                .container(One.main("a").running())
                .container(One.main("b").ended(1).pulled()),
            new Action.BeginStop("a", "", -1)),
        of("a pod that has not begun waits", always().halts(LATER).container(One.main("a"))),
        of(
            "what ended stays to be started again",
            up("Always").halts(LATER).container(One.main("a").ended(143).pulled())),
        of(
            "a pod has its grace",
            up("Always")
                .halts(NOON.plusSeconds(60))
                .container(One.main("a").running().stopping(stopping(20, true, true))),
            new Action.WaitUntil(LATER)),
        of(
            "but no more than the node has",
            up("Always")
                .halts(LATER)
                .container(One.main("a").running().stopping(stopping(5, true, true))),
            new Action.WaitUntil(LATER)),
        of(
            "also one that is being deleted",
            up("Always")
                .halts(NOON)
                .deleted(600)
                .container(One.main("a").running().stopping(stopping(5, true, true))),
            new Action.Kill("a"),
            new Action.WaitUntil(LATER)),
        of(
            "sidecars go after those that need them",
            up("Always")
                .halts(LATER)
                .container(One.sidecar("s").running())
                .container(One.main("a").ended(0)),
            new Action.BeginStop("s", "", -1)),
        of(
            "a pod that finishes meanwhile is over",
            up("Never").halts(LATER).container(One.main("a").ended(143)),
            new Action.Release()));
  }

  @ParameterizedTest
  @MethodSource({"beginning", "resizes", "ends", "deletions", "halts"})
  void planIs(Case one) {
    assertThat(Planner.plan(one.situation().snapshot())).isEqualTo(one.plan());
  }
}
