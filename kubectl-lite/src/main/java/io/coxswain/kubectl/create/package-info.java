/// What `create` makes of words: one [Maker] for each kind of object, all of them listed in
/// [Makers]. A maker reads options and files, and asks the server only for names of kinds.
@NullMarked
package io.coxswain.kubectl.create;

import org.jspecify.annotations.NullMarked;
