/// What a write must pass that depends on other objects than its own: accounts, classes, limits,
/// quotas and security levels. A [io.coxswain.controlplane.admission.plugin.PluginChain] runs them
/// in one order: first those that complete the object, then, when it is valid, those that judge it.
/// Called by the registry for each write.
@NullMarked
package io.coxswain.controlplane.admission.plugin;

import org.jspecify.annotations.NullMarked;
