/// The audit log: who asked for what, when, from where, and what came of it, as `audit.k8s.io/v1`
/// has it. A [policy][io.coxswain.controlplane.audit.PolicyFile] says of which requests how much is
/// told. [Trail] gathers what is known of one request while it is worked on; [AuditLog] hands each
/// event to its sinks, a file and a webhook, behind bounded queues: a slow sink loses events, which
/// is counted, and never holds up a request.
///
/// Every door begins a trail before it does anything: REST, gRPC, and the clients in this process.
@NullMarked
package io.coxswain.controlplane.audit;

import org.jspecify.annotations.NullMarked;
