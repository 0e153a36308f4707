/// Which fields of an object are whose: sets of fields, their JSON form (FieldsV1), and the walks
/// over objects that server-side apply is made of.
///
/// [io.coxswain.controlplane.fieldset.FieldSet] is a tree of path elements with the usual laws of
/// sets. [io.coxswain.controlplane.fieldset.Shape] says how the parts of a value are owned,
/// whatever the value is made of: protobuf messages with the schema's options
/// ([io.coxswain.controlplane.fieldset.MessageShapes]) or JSON trees with a structural schema
/// ([io.coxswain.controlplane.fieldset.JsonShapes]). Above them, comparing, merging and removing
/// are written once. [io.coxswain.controlplane.fieldset.Ownership] keeps the books: who owns what
/// after an update, an apply, and who stands in the way of one.
///
/// The behaviour is that of KEP-555 and of the pages on server-side apply at kubernetes.io.
@NullMarked
package io.coxswain.controlplane.fieldset;

import org.jspecify.annotations.NullMarked;
