package io.coxswain.node.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.node.host.UserRange;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserRangesTest {

  @TempDir Path root;

  private UserRanges ranges(String node) {
    return new UserRanges(
        new PodFolders(root.resolve("data"), root.resolve("run"), root.resolve("log")), node);
  }

  @Test
  void noTwoPodsHaveTheSame() throws Exception {
    UserRanges ranges = ranges("/coxswain");
    Set<Integer> all = new HashSet<>();
    for (int i = 0; i < 300; i++) {
      int first = ranges.of("pod" + i);
      assertThat(first % UserRange.COUNT).isZero();
      assertThat(first).isGreaterThanOrEqualTo(UserRange.COUNT);
      assertThat(all.add(first)).isTrue();
      assertThat(ranges.of("pod" + i)).isEqualTo(first);
    }
  }

  @Test
  void theNextAgentKnowsThem() throws Exception {
    int one = ranges("/coxswain").of("one");
    UserRanges next = ranges("/coxswain");
    assertThat(next.of("two")).isNotEqualTo(one);
    assertThat(next.of("one")).isEqualTo(one);
    // a pod whose folder is gone has given its own back
    next.giveBack("one");
    Files.delete(root.resolve("run/pods/one/users"));
    assertThat(ranges("/coxswain").of("three")).isEqualTo(one);
  }

  @Test
  void agentsOfOneMachineBeginInDifferentPlaces() throws Exception {
    assertThat(ranges("/coxswain-a").of("one")).isNotEqualTo(ranges("/coxswain-b").of("two"));
  }

  @Test
  void theLastRangeIsANumberOfTheKernels() throws Exception {
    // "polygenelubricants" has the smallest hash that there is
    for (String node : Set.of("polygenelubricants", "", "a")) {
      UserRanges ranges = ranges(node);
      for (int i = 0; i < 3; i++) {
        assertThat(ranges.of(node + i)).isPositive();
      }
    }
  }
}
