/// Templates in the language of Go's `text/template`, as `-o go-template` takes them: a [Lexer]
/// makes tokens, [Parser] a tree of [Node]s, and [GoTemplate] prints an object by it. Data is JSON;
/// a missing field is a missing node, and prints `<no value>`.
@NullMarked
package io.coxswain.kubectl.template;

import org.jspecify.annotations.NullMarked;
