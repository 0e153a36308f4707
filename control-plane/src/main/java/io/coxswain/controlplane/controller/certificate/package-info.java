/// Requests for certificates, from being made to being forgotten: the requests of nodes for their
/// own certificate are approved, what is approved is signed by the cluster's authority, and old
/// ones are removed. What people ask for is approved by people.
@NullMarked
package io.coxswain.controlplane.controller.certificate;

import org.jspecify.annotations.NullMarked;
