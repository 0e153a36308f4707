package io.coxswain.controlplane.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cel.runtime.CelRuntime.Program;
import io.coxswain.api.admissionregistration.v1.Variable;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.authz.Decision;
import io.coxswain.controlplane.cel.AdmissionExpressions.Extra;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What expressions cost, against what Kubernetes counts for them.
final class CostBudgetTest {

  private static final Map<String, Object> VARIABLES =
      Map.of(
          "object",
          Map.of(
              "text", "0123456789abcdefghij", "list", List.of(1L, 2L, 3L), "map", Map.of("a", 1L)));

  private static final String LOOP = "object.list.all(x, x >= 0)";

  private static Map<String, Object> listOf(int elements) {
    return Map.of("object", Map.of("list", LongStream.range(0, elements).boxed().toList()));
  }

  private static Program program(String expression, Set<Extra> extras) {
    Compiled compiled = AdmissionExpressions.compile(expression, extras, Map.of(), List.of());
    assertThat(compiled.error()).as(expression).isEmpty();
    return compiled.program().orElseThrow();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          true; 0
          1 + 2; 1
          object; 1
          object.text; 2
          has(object.text); 1
          has(object.none) && object.none == 'x'; 1
          true || object.text == 'x'; 0
          object.text == object.text; 6
          object.text.startsWith('0'); 4
          object.text.contains('0123456789ab'); 6
          object.text.matches('[0-9]+[a-z]+'); 11
          object.text + object.text; 8
          object.list[1]; 3
          2 in object.list; 5
          'a' in object.map; 3
          object.list.sum(); 5
          [1, 2]; 10
          {'a': 1}; 30
          quantity(object.text.substring(0, 3)) == quantity('012'); 7
          object.list.all(x, x > 0); 18
          'abcdefghijk'.contains('lmnopqrstuv'); 4
          'abcdefghijklmnopqrstu' == object.text; 4
          object.text + 'abcdefghijk'; 6
          b'abcdefghijk' + b'lmnopqrstuv'; 3
          object.list.all(x, 'abcdefghijk'.contains('abcdefghijk')); 24
          """)
  void isCounted(String expression, long cost) throws Exception {
    ActualCost actual = new ActualCost(Long.MAX_VALUE);
    Object _ = program(expression, Set.of()).trace(VARIABLES, actual);
    assertThat(actual.spent()).isEqualTo(cost);
  }

  @Test
  void oneExpressionMayCostAMillion() {
    Program program = program(LOOP, Set.of());
    assertThatThrownBy(() -> CostBudget.ofObject().value(program, listOf(300_000)))
        .isInstanceOfSatisfying(
            CostBudget.SpentException.class, e -> assertThat(e.isOverall()).isFalse())
        .hasMessage("operation cancelled: actual cost limit exceeded");
  }

  @Test
  void noOtherBranchForgivesIt() {
    Program program = program(LOOP + " || true", Set.of());
    assertThatThrownBy(() -> CostBudget.ofObject().value(program, listOf(300_000)))
        .isInstanceOf(CostBudget.SpentException.class);
  }

  @Test
  void expressionsShareABudget() throws Exception {
    CostBudget budget = CostBudget.ofConditions();
    Program program = program(LOOP, Set.of());
    for (int i = 0; i < 4; i++) {
      assertThat(budget.value(program, listOf(100_000))).isEqualTo(true);
    }
    assertThatThrownBy(() -> budget.value(program, listOf(100_000)))
        .isInstanceOfSatisfying(
            CostBudget.SpentException.class, e -> assertThat(e.isOverall()).isTrue())
        .hasMessageStartingWith("validation failed due to running out of cost budget");
  }

  @Test
  void variablesOfAPolicyArePaidForByItsBudget() throws Exception {
    Composition composition =
        new Composition(
            List.of(Variable.newBuilder().setName("all").setExpression(LOOP).build()), Set.of());
    Compiled asked = composition.compile("variables.all", Set.of(), List.of());
    CostBudget budget = CostBudget.ofConditions();
    Map<String, Object> some = listOf(100_000);
    for (int i = 0; i < 4; i++) {
      assertThat(asked.value(composition.over(some, budget), budget)).isEqualTo(true);
    }
    assertThatThrownBy(() -> asked.value(composition.over(some, budget), budget))
        .isInstanceOfSatisfying(
            Compiled.FailedException.class, e -> assertThat(e.isLast()).isTrue());
  }

  @Test
  void anExpressionMayAskTwiceWhoMayDoWhat() throws Exception {
    Map<String, Object> variables =
        AdmissionExpressions.authorizer(
            _ -> new Decision(true, ""),
            User.of("ann", List.of(), "", Map.of()),
            "",
            "v1",
            "pods",
            "",
            "shop",
            "web");
    Set<Extra> extras = EnumSet.of(Extra.AUTHORIZER);
    String once = "authorizer.requestResource.check('get').allowed()";
    CostBudget budget = CostBudget.ofObject();
    assertThat(budget.value(program(once + " && " + once, extras), variables)).isEqualTo(true);
    Program thrice = program(once + " && " + once + " && " + once, extras);
    assertThatThrownBy(() -> budget.value(thrice, variables))
        .isInstanceOf(CostBudget.SpentException.class);
  }
}
