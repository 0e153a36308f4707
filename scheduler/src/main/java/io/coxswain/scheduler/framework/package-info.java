/// What a rule of placement is. A [FilterPlugin] says where a pod cannot go, a [ScorePlugin] where
/// it would rather go; both look only at a snapshot. A [ReservePlugin] hears of a decision before
/// it is carried out, a [BindPlugin] carries it out. All there are stand in
/// [io.coxswain.scheduler.plugin.Plugins].
@NullMarked
package io.coxswain.scheduler.framework;

import org.jspecify.annotations.NullMarked;
