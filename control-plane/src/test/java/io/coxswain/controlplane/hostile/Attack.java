package io.coxswain.controlplane.hostile;

/// What a seed and a number give: one request, or a connection that is misused by itself.
sealed interface Attack permits HostileRequest, Onslaught {}
