/// TLS of the JDK for those who hand it memory that others use, too.
@NullMarked
package io.coxswain.client.tls;

import org.jspecify.annotations.NullMarked;
