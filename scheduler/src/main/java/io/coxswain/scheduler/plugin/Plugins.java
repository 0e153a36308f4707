package io.coxswain.scheduler.plugin;

import io.coxswain.scheduler.framework.FilterPlugin;
import io.coxswain.scheduler.framework.Plugin;
import io.coxswain.scheduler.framework.ScorePlugin;
import io.coxswain.scheduler.plugin.affinity.InterPodAffinity;
import io.coxswain.scheduler.plugin.device.DynamicResources;
import io.coxswain.scheduler.plugin.image.ImageLocality;
import io.coxswain.scheduler.plugin.node.NodeAffinity;
import io.coxswain.scheduler.plugin.node.NodeName;
import io.coxswain.scheduler.plugin.node.NodeUnschedulable;
import io.coxswain.scheduler.plugin.node.TaintToleration;
import io.coxswain.scheduler.plugin.ports.NodePorts;
import io.coxswain.scheduler.plugin.resources.BalancedAllocation;
import io.coxswain.scheduler.plugin.resources.LeastAllocated;
import io.coxswain.scheduler.plugin.resources.NodeResourcesFit;
import io.coxswain.scheduler.plugin.spread.PodTopologySpread;
import io.coxswain.scheduler.plugin.volume.VolumeBinding;
import io.coxswain.scheduler.plugin.volume.VolumeLimits;
import io.coxswain.scheduler.plugin.volume.VolumeRestrictions;
import java.util.List;

/// All rules of placement. Filters are asked in this order, and the first that objects to a node
/// speaks for it: cheap ones first, and those whose words help most.
public final class Plugins {

  private final List<Plugin> all;

  public Plugins(List<Plugin> all) {
    this.all = List.copyOf(all);
  }

  public static Plugins standard() {
    return new Plugins(
        List.of(
            new NodeUnschedulable(),
            new NodeName(),
            new TaintToleration(),
            new NodeAffinity(),
            new NodePorts(),
            new NodeResourcesFit(),
            new DynamicResources(),
            new VolumeRestrictions(),
            new VolumeLimits(),
            new VolumeBinding(),
            new PodTopologySpread(),
            new InterPodAffinity(),
            new LeastAllocated(),
            new BalancedAllocation(),
            new ImageLocality()));
  }

  public List<FilterPlugin> filters() {
    return of(FilterPlugin.class);
  }

  public List<ScorePlugin> scores() {
    return of(ScorePlugin.class);
  }

  private <P> List<P> of(Class<P> role) {
    return all.stream().filter(role::isInstance).map(role::cast).toList();
  }
}
