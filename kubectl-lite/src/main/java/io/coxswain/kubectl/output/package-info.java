/// How objects look: tables, JSON, YAML, names, JSONPath, custom columns.
@NullMarked
package io.coxswain.kubectl.output;

import org.jspecify.annotations.NullMarked;
