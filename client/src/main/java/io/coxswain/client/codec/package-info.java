/// Objects to bytes and back: the exact JSON of Kubernetes, its YAML, its protobuf envelope, and
/// the small languages inside the objects (quantities, times, selectors).
///
/// Everything is derived from the schema. The server decodes requests here (collecting everything
/// wrong at once) and encodes answers; clients and agents read quantities, times and selectors.
/// Nothing here blocks or keeps state but caches of compiled plans.
@NullMarked
package io.coxswain.client.codec;

import org.jspecify.annotations.NullMarked;
