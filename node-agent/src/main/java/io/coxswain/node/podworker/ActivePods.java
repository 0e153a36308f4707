package io.coxswain.node.podworker;

import io.coxswain.api.core.v1.Pod;
import java.util.List;

/// The pods of this node that hold something of it: they run, begin or end.
public interface ActivePods {

  List<Pod> active();

  /// Ends a pod for good.
  ///
  /// @return false when there is no such pod any more
  boolean end(String uid, Failure why);
}
