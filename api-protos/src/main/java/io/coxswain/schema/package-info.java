/// Reads the annotated schema: which kinds there are, where they live in the REST API, and what
/// their fields promise. Everything else in the product asks here and lists nothing a second time.
@NullMarked
package io.coxswain.schema;

import org.jspecify.annotations.NullMarked;
