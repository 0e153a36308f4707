/// What every namespace has from the start: its `default` ServiceAccount and the cluster's root
/// certificates, by which pods know the API server.
@NullMarked
package io.coxswain.controlplane.controller.serviceaccount;

import org.jspecify.annotations.NullMarked;
