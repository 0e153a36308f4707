package io.coxswain.controlplane.cel;

import dev.cel.common.CelFunctionDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.TypeParamType;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelStandardFunctions;
import io.coxswain.client.codec.Quantities;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/// Functions that Kubernetes adds to CEL: on lists, by regular expressions, on quantities,
/// addresses and networks, URLs, versions, and forms of text.
@SuppressWarnings("Immutable") // all functions here are pure; nothing they hold changes
final class Functions {

  /// A number with a unit, as `1.5Gi`.
  record Amount(BigDecimal value) {}

  static final CelType QUANTITY = OpaqueType.create("kubernetes.Quantity");
  private static final CelType ANY = TypeParamType.create("T");
  private static final CelType LIST = ListType.create(ANY);

  private final FunctionSet set = new FunctionSet();

  Functions() {
    lists();
    expressions();
    quantities();
    NetworkFunctions.addTo(set);
    UrlFunctions.addTo(set);
    SemverFunctions.addTo(set);
    FormatFunctions.addTo(set);
  }

  List<CelFunctionDecl> declarations() {
    return set.declarations();
  }

  List<CelFunctionBinding> bindings() {
    List<CelFunctionBinding> all = new ArrayList<>(set.bindings());
    for (String matches : List.of("matches", "matches_string")) {
      all.add(
          CelFunctionBinding.from(
              matches,
              String.class,
              String.class,
              (text, pattern) -> Patterns.find(Patterns.compile(pattern), text)));
    }
    return all;
  }

  /// What CEL brings itself, but for what is bound here.
  static CelStandardFunctions standard() {
    return CelStandardFunctions.newBuilder()
        .excludeFunctions(CelStandardFunctions.StandardFunction.MATCHES)
        .build();
  }

  private void lists() {
    member("isSorted", LIST, SimpleType.BOOL, List.class, Functions::isSorted);
    member("min", LIST, ANY, List.class, list -> extreme(list, -1));
    member("max", LIST, ANY, List.class, list -> extreme(list, 1));
    member("sum", LIST, ANY, List.class, Functions::sum);
    member(
        "indexOf",
        LIST,
        ANY,
        SimpleType.INT,
        List.class,
        Object.class,
        (list, item) -> (long) list.indexOf(item));
    member(
        "lastIndexOf",
        LIST,
        ANY,
        SimpleType.INT,
        List.class,
        Object.class,
        (list, item) -> (long) list.lastIndexOf(item));
  }

  private void expressions() {
    member(
        "find",
        SimpleType.STRING,
        SimpleType.STRING,
        SimpleType.STRING,
        String.class,
        String.class,
        (text, pattern) -> Patterns.first(Patterns.compile(pattern), text));
    member(
        "findAll",
        SimpleType.STRING,
        SimpleType.STRING,
        ListType.create(SimpleType.STRING),
        String.class,
        String.class,
        (text, pattern) -> Patterns.all(Patterns.compile(pattern), text, -1));
  }

  private void quantities() {
    global(
        "isQuantity",
        SimpleType.STRING,
        SimpleType.BOOL,
        String.class,
        text -> {
          try {
            var _ = amount(text);
            return true;
          } catch (IllegalArgumentException e) {
            return false;
          }
        });
    global("quantity", SimpleType.STRING, QUANTITY, String.class, Functions::amount);
    compared("isGreaterThan", SimpleType.BOOL, order -> order > 0);
    compared("isLessThan", SimpleType.BOOL, order -> order < 0);
    compared("compareTo", SimpleType.INT, order -> (long) Integer.signum(order));
    combined("add", BigDecimal::add);
    combined("sub", BigDecimal::subtract);
    member(
        "sign", QUANTITY, SimpleType.INT, Amount.class, amount -> (long) amount.value().signum());
    member(
        "isInteger",
        QUANTITY,
        SimpleType.BOOL,
        Amount.class,
        amount -> {
          BigDecimal plain = amount.value().stripTrailingZeros();
          return plain.scale() <= 0 && plain.precision() - plain.scale() <= 18;
        });
    member(
        "asInteger",
        QUANTITY,
        SimpleType.INT,
        Amount.class,
        amount -> amount.value().longValueExact());
    member(
        "asApproximateFloat",
        QUANTITY,
        SimpleType.DOUBLE,
        Amount.class,
        amount -> amount.value().doubleValue());
  }

  private void compared(String name, CelType result, Function<Integer, Object> judge) {
    member(
        name,
        QUANTITY,
        QUANTITY,
        result,
        Amount.class,
        Amount.class,
        (left, right) -> judge.apply(left.value().compareTo(right.value())));
  }

  private void combined(String name, BiFunction<BigDecimal, BigDecimal, BigDecimal> how) {
    member(
        name,
        QUANTITY,
        QUANTITY,
        QUANTITY,
        Amount.class,
        Amount.class,
        (left, right) -> new Amount(how.apply(left.value(), right.value())));
  }

  private static Amount amount(String text) {
    return new Amount(Quantities.value(Quantities.of(text)));
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // elements of a list are of one type
  private static int order(Object left, Object right) {
    return ((Comparable) left).compareTo(right);
  }

  private static boolean isSorted(List<?> list) {
    for (int i = 1; i < list.size(); i++) {
      if (order(list.get(i - 1), list.get(i)) > 0) {
        return false;
      }
    }
    return true;
  }

  private static Object extreme(List<?> list, int sign) {
    if (list.isEmpty()) {
      throw new IllegalArgumentException((sign < 0 ? "min" : "max") + " called on empty list");
    }
    Object most = list.getFirst();
    for (Object item : list) {
      most = order(item, most) * sign > 0 ? item : most;
    }
    return most;
  }

  private static Object sum(List<?> list) {
    if (list.stream().anyMatch(Double.class::isInstance)) {
      return list.stream().mapToDouble(item -> ((Number) item).doubleValue()).sum();
    }
    long sum = 0;
    for (Object item : list) {
      sum = Math.addExact(sum, ((Number) item).longValue());
    }
    return sum;
  }

  private <A> void global(
      String name, CelType argument, CelType result, Class<A> type, Function<A, Object> body) {
    set.global(name, "k8s_" + name, argument, result, type, body);
  }

  private <A> void member(
      String name, CelType target, CelType result, Class<A> type, Function<A, Object> body) {
    set.member(name, "k8s_" + name, target, result, type, body);
  }

  private <A, B> void member(
      String name,
      CelType target,
      CelType argument,
      CelType result,
      Class<A> type,
      Class<B> other,
      BiFunction<A, B, Object> body) {
    set.member(name, "k8s_" + name, target, argument, result, type, other, body);
  }
}
