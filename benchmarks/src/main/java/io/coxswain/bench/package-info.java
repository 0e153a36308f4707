/// Side-by-side measurements on real parts: a cluster that is started for them, beside peers that
/// do the same work in the same run. [Bench] lists them; `./dev bench` runs them.
///
/// Machines differ and are rarely quiet, so rounds of all contenders are interleaved, medians are
/// told, and ratios count, not times. CPU time is that of control groups, so it has everything that
/// a contender started and nothing else.
@NullMarked
package io.coxswain.bench;

import org.jspecify.annotations.NullMarked;
