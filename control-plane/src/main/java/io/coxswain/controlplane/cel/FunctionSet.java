package io.coxswain.controlplane.cel;

import com.google.common.collect.ImmutableList;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.runtime.CelFunctionBinding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/// Gathers functions of several libraries, which may add overloads to each other's names.
@SuppressWarnings("Immutable") // all functions are pure; nothing they hold changes
final class FunctionSet {

  private final Map<String, List<CelOverloadDecl>> overloads = new LinkedHashMap<>();
  private final List<CelFunctionBinding> bindings = new ArrayList<>();

  List<CelFunctionDecl> declarations() {
    return overloads.entrySet().stream()
        .map(entry -> CelFunctionDecl.newFunctionDeclaration(entry.getKey(), entry.getValue()))
        .toList();
  }

  List<CelFunctionBinding> bindings() {
    return List.copyOf(bindings);
  }

  private void declare(String name, CelOverloadDecl overload) {
    overloads.computeIfAbsent(name, _ -> new ArrayList<>()).add(overload);
  }

  /// @param id of the overload, which no other has
  void constant(String name, String id, CelType result, Supplier<Object> body) {
    declare(name, CelOverloadDecl.newGlobalOverload(id, result, ImmutableList.of()));
    bindings.add(CelFunctionBinding.from(id, ImmutableList.of(), _ -> body.get()));
  }

  <A> void global(
      String name,
      String id,
      CelType argument,
      CelType result,
      Class<A> type,
      Function<A, Object> body) {
    declare(name, CelOverloadDecl.newGlobalOverload(id, result, ImmutableList.of(argument)));
    bindings.add(CelFunctionBinding.from(id, type, body::apply));
  }

  <A, B> void global(
      String name,
      String id,
      CelType argument,
      CelType second,
      CelType result,
      Class<A> type,
      Class<B> other,
      BiFunction<A, B, Object> body) {
    declare(
        name, CelOverloadDecl.newGlobalOverload(id, result, ImmutableList.of(argument, second)));
    bindings.add(CelFunctionBinding.from(id, type, other, body::apply));
  }

  <A> void member(
      String name,
      String id,
      CelType target,
      CelType result,
      Class<A> type,
      Function<A, Object> body) {
    declare(name, CelOverloadDecl.newMemberOverload(id, result, ImmutableList.of(target)));
    bindings.add(CelFunctionBinding.from(id, type, body::apply));
  }

  <A, B> void member(
      String name,
      String id,
      CelType target,
      CelType argument,
      CelType result,
      Class<A> type,
      Class<B> other,
      BiFunction<A, B, Object> body) {
    declare(
        name, CelOverloadDecl.newMemberOverload(id, result, ImmutableList.of(target, argument)));
    bindings.add(CelFunctionBinding.from(id, type, other, body::apply));
  }
}
