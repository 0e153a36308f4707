/// The objects that say which versions of which groups the API has: one APIService for each, kept
/// in step with what this server serves.
@NullMarked
package io.coxswain.controlplane.controller.apiservice;

import org.jspecify.annotations.NullMarked;
