package io.coxswain.controlplane.cel;

import com.google.common.collect.ImmutableList;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelMutableAst;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelMutableExpr;
import dev.cel.common.ast.CelMutableExpr.CelMutableComprehension;
import dev.cel.common.ast.CelMutableExpr.CelMutableMap;
import dev.cel.common.ast.CelMutableExpr.CelMutableStruct;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelFunctionBinding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What expressions that change objects are made of: `Object{spec: Object.spec{replicas: 1}}`,
/// whose members may be anything, and `JSONPatch{op: "add", path: "/a", value: 1}`. Both are maps
/// when they are computed.
final class PatchTypes {

  static final String JSON_PATCH = "JSONPatch";
  private static final String OBJECT = "Object";

  /// Ids of what is put into expressions; their own are small.
  private static final long KEYS = 1L << 40;

  /// Of one operation.
  static final CelType OPERATION =
      RequestTypes.structure(
          JSON_PATCH,
          Map.of(
              "op", SimpleType.STRING,
              "path", SimpleType.STRING,
              "from", SimpleType.STRING,
              "value", SimpleType.DYN));

  private static final List<CelFunctionDecl> ESCAPE =
      List.of(
          CelFunctionDecl.newFunctionDeclaration(
              "jsonpatch.escapeKey",
              CelOverloadDecl.newGlobalOverload(
                  "k8s_jsonpatch_escapeKey", SimpleType.STRING, SimpleType.STRING)));

  /// The types that an expression names.
  static List<CelType> of(CelExpr expression) {
    Map<String, Map<String, CelType>> found = new HashMap<>();
    found.put(OBJECT, new HashMap<>());
    collect(expression, found);
    List<CelType> types = new ArrayList<>();
    found.forEach((name, members) -> types.add(RequestTypes.structure(name, members)));
    types.add(OPERATION);
    return types;
  }

  private static void collect(CelExpr expression, Map<String, Map<String, CelType>> found) {
    switch (expression.getKind()) {
      case SELECT -> collect(expression.select().operand(), found);
      case CALL -> {
        expression.call().target().ifPresent(target -> collect(target, found));
        expression.call().args().forEach(argument -> collect(argument, found));
      }
      case LIST -> expression.list().elements().forEach(element -> collect(element, found));
      case MAP ->
          expression
              .map()
              .entries()
              .forEach(entry -> {
                collect(entry.key(), found);
                collect(entry.value(), found);
              });
      case STRUCT -> {
        String name = expression.struct().messageName();
        boolean ours = name.equals(OBJECT) || name.startsWith(OBJECT + ".");
        Map<String, CelType> members =
            ours ? found.computeIfAbsent(name, _ -> new HashMap<>()) : new HashMap<>();
        expression
            .struct()
            .entries()
            .forEach(entry -> {
              members.put(entry.fieldKey(), SimpleType.DYN);
              collect(entry.value(), found);
            });
      }
      case COMPREHENSION -> {
        CelExpr.CelComprehension loop = expression.comprehension();
        collect(loop.iterRange(), found);
        collect(loop.accuInit(), found);
        collect(loop.loopCondition(), found);
        collect(loop.loopStep(), found);
        collect(loop.result(), found);
      }
      case CONSTANT, IDENT, NOT_SET -> {
        // nothing inside
      }
    }
  }

  /// The same expression with maps in place of its structures, which is what they are when they are
  /// computed.
  static CelAbstractSyntaxTree asMaps(CelAbstractSyntaxTree parsed) {
    CelMutableAst tree = CelMutableAst.fromCelAst(parsed);
    rewrite(tree.expr());
    return tree.toParsedAst();
  }

  private static void rewrite(CelMutableExpr expression) {
    switch (expression.getKind()) {
      case SELECT -> rewrite(expression.select().operand());
      case CALL -> {
        expression.call().target().ifPresent(PatchTypes::rewrite);
        expression.call().args().forEach(PatchTypes::rewrite);
      }
      case LIST -> expression.list().elements().forEach(PatchTypes::rewrite);
      case MAP ->
          expression
              .map()
              .entries()
              .forEach(entry -> {
                rewrite(entry.key());
                rewrite(entry.value());
              });
      case STRUCT -> {
        List<CelMutableMap.Entry> entries = new ArrayList<>();
        for (CelMutableStruct.Entry entry : expression.struct().entries()) {
          rewrite(entry.value());
          CelMutableExpr key =
              CelMutableExpr.ofConstant(KEYS + entry.id(), CelConstant.ofValue(entry.fieldKey()));
          entries.add(
              CelMutableMap.Entry.create(entry.id(), key, entry.value(), entry.optionalEntry()));
        }
        expression.setMap(CelMutableMap.create(entries));
      }
      case COMPREHENSION -> {
        CelMutableComprehension loop = expression.comprehension();
        rewrite(loop.iterRange());
        rewrite(loop.accuInit());
        rewrite(loop.loopCondition());
        rewrite(loop.loopStep());
        rewrite(loop.result());
      }
      case CONSTANT, IDENT, NOT_SET -> {
        // nothing inside
      }
    }
  }

  List<CelFunctionDecl> declarations() {
    return ESCAPE;
  }

  List<CelFunctionBinding> bindings() {
    return ImmutableList.of(
        CelFunctionBinding.from(
            "k8s_jsonpatch_escapeKey",
            String.class,
            key -> key.replace("~", "~0").replace("/", "~1")));
  }
}
