/// What becomes of objects whose owners go. [OwnerGraph] knows who owns what, from watching every
/// stored kind, of which it keeps only names and owners; [GarbagePlan] decides about one object;
/// [GarbageController] carries out.
///
/// Objects are deleted when their last owner is gone (background), before it goes (foreground, a
/// finalizer holds the owner), or let go (orphan).
@NullMarked
package io.coxswain.controlplane.controller.garbage;

import org.jspecify.annotations.NullMarked;
