/// The API without a server, for tests of whatever uses it. [InMemoryApi] keeps objects in memory
/// by the rules that clients rely on: versions and conflicts, watches, graceful deletion,
/// finalizers, subresources, selectors. It does not default, validate or authorize: that is the
/// server's own.
@NullMarked
package io.coxswain.client.testing;

import org.jspecify.annotations.NullMarked;
