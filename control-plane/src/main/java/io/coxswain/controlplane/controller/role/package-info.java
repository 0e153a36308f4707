/// Roles that gather others: a ClusterRole with an aggregation rule holds the rules of all that its
/// selectors find.
@NullMarked
package io.coxswain.controlplane.controller.role;

import org.jspecify.annotations.NullMarked;
