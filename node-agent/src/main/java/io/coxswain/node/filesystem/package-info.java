/// Linux file system calls that the JDK lacks, by descriptors: paths that others wrote (layers of
/// images, subPaths of volumes) are resolved inside one root, whatever links they contain. Used by
/// the packages that unpack images and prepare volumes.
@NullMarked
package io.coxswain.node.filesystem;

import org.jspecify.annotations.NullMarked;
