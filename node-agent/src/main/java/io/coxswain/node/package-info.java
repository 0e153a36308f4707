/// The agent of one node: [NodeAgent] wires its parts. It hears from the API which pods are its own
/// (`podsource`), brings each to what it should be (`podworker`) by images, volumes, network and
/// containers, asks the containers how they are (`probe`), and reports (`status`). People's streams
/// come through `stream`.
@NullMarked
package io.coxswain.node;

import org.jspecify.annotations.NullMarked;
