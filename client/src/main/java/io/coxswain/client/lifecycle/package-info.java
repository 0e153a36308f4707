/// Starting and ending in order. A [Lifecycle] holds the parts of a program, a [TaskScope] the
/// threads of one part; closing either leaves nothing running. A [HealthServer] tells the machine
/// how the program is.
@NullMarked
package io.coxswain.client.lifecycle;

import org.jspecify.annotations.NullMarked;
