/// Which kinds the server has, and which of them the words on the command line mean.
@NullMarked
package io.coxswain.kubectl.resource;

import org.jspecify.annotations.NullMarked;
