@NullMarked
package io.coxswain.bench;

import org.jspecify.annotations.NullMarked;
