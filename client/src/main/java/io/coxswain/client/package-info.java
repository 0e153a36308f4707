/// How every part of the product reaches the API: one blocking client, whether the server is in the
/// same JVM or across the network. Threads that block here are virtual.
@NullMarked
package io.coxswain.client;

import org.jspecify.annotations.NullMarked;
