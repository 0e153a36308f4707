/// API Priority and Fairness (KEP-1040): who may use the server when there is not enough of it for
/// all.
///
/// Each request belongs to a *flow*: a FlowSchema says which by its sender and what it wants, and
/// names the priority level that serves it. A level has seats, its share of all that the server
/// has; a request sits on one or, when it is a large list, on several while it runs. When no seat
/// is free it waits in one of the level's queues, which are served in turns, so that a loud flow
/// delays itself and not its neighbours. Whoever finds the queue full or waits too long is told to
/// come again later.
///
/// The way through: [io.coxswain.controlplane.fairness.Fairness#classify], then
/// [io.coxswain.controlplane.fairness.Fairness#enter], which every door to the API calls before the
/// verb. The decisions are pure: `FlowMatch` who belongs where, `Shares` how many seats a level
/// has, `FairQueues` whose turn it is. [io.coxswain.controlplane.fairness.FlowKeeper] keeps the
/// objects that every cluster has.
@NullMarked
package io.coxswain.controlplane.fairness;

import org.jspecify.annotations.NullMarked;
