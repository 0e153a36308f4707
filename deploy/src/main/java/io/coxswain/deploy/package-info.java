/// One program in many shapes: everything in one JVM, or server, scheduler and agent apart. Each
/// role is a class that reads its options and builds its parts by plain constructors; [Coxswain]
/// picks one. etcd is a child process that outlives a crash of this one and is adopted afterwards.
@NullMarked
package io.coxswain.deploy;

import org.jspecify.annotations.NullMarked;
