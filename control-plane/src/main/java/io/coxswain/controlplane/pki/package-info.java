/// The cluster's own certificate authority and what it signs: the serving certificate, the client
/// certificates of people, components and nodes, and the tokens with which a new node asks for its
/// first one.
///
/// [io.coxswain.controlplane.pki.Pki] keeps all of it as PEM files in one folder that only the
/// owner may read. Everything that speaks in the cluster does so over TLS between two of these
/// certificates.
@NullMarked
package io.coxswain.controlplane.pki;

import org.jspecify.annotations.NullMarked;
