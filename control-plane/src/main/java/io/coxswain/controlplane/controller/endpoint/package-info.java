/// Which pods stand behind a Service. [EndpointSliceController] keeps EndpointSlices, which nodes
/// route by, and the older Endpoints that some clients still read; [MirrorController] makes slices
/// of Endpoints that people write by hand.
///
/// A pod that becomes unready or is asked to end must be out of the slices before its process is:
/// so changes are written at once, and only the slices that they touch.
@NullMarked
package io.coxswain.controlplane.controller.endpoint;

import org.jspecify.annotations.NullMarked;
