/// What makes the cluster become what its objects ask for.
/// [io.coxswain.controlplane.controller.Controllers] lists every controller there is; each has a
/// package of its own with a pure plan and a shell around it.
///
/// Place in the flow: controllers know nothing but the API. They read from informers and write as
/// any client does, so they may run beside the server or elsewhere, and only the one elected works.
@NullMarked
package io.coxswain.controlplane.controller;

import org.jspecify.annotations.NullMarked;
