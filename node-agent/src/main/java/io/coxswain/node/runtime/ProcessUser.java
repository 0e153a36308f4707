package io.coxswain.node.runtime;

import java.util.List;

/// Who a container's process is.
///
/// @param groups supplemental
/// @param home its folder, `/` when the image does not say
public record ProcessUser(long uid, long gid, List<Long> groups, String home) {

  public static final ProcessUser ROOT = new ProcessUser(0, 0, List.of(), "/root");

  public ProcessUser {
    groups = List.copyOf(groups);
  }
}
