/// Admission by rules that people bring along: webhooks that are asked, and policies in CEL.
///
/// Comes after the plug-ins that are built in. [DynamicAdmission] knows what is configured and
/// answers at once where nothing is; the registry asks it before each write, with an [Attempt].
@NullMarked
package io.coxswain.controlplane.admission.dynamic;

import org.jspecify.annotations.NullMarked;
