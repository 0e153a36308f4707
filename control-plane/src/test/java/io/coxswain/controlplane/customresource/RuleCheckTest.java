package io.coxswain.controlplane.customresource;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rules in CEL.
class RuleCheckTest {

  private static final String SHAPE =
      """
      {type: object, properties: {
        spec: {type: object, x-kubernetes-validations: [%s], properties: {
          replicas: {type: integer}, most: {type: integer}, name: {type: string},
          a-b: {type: string}, ratio: {type: number}, memory: {type: string},
          until: {type: string, format: date-time}, either: {x-kubernetes-int-or-string: true},
          tags: {type: array, maxItems: 10, items: {type: string, maxLength: 20}},
          limits: {type: object, maxProperties: 10, additionalProperties: {type: integer}},
          quotas: {type: object, maxProperties: 10, additionalProperties: {type: object, properties: {
            most: {type: integer, x-kubernetes-validations: [{rule: self < 5, message: too many}]}}}},
          ports: {type: array, maxItems: 10, x-kubernetes-list-type: map,
            x-kubernetes-list-map-keys: [name], items: {type: object, required: [name],
              properties: {name: {type: string}, port: {type: integer,
                x-kubernetes-validations: [{rule: self >= oldSelf, message: only up}]}}}}}}}}
      """;

  /// @param before empty for a new object
  record Case(String rule, String before, String after, List<String> faults) {
    Case(String rule, String before, String after, String... faults) {
      this(rule, before, after, List.of(faults));
    }

    @Override
    public String toString() {
      return rule + " given " + before + " -> " + after;
    }
  }

  private static Case holds(String rule, String spec) {
    return new Case("{rule: \"" + rule + "\"}", "", spec);
  }

  private static Case broken(String rule, String spec) {
    return new Case(
        "{rule: \"" + rule + "\"}",
        "",
        spec,
        "spec: Invalid value: \"object\": failed rule: " + rule);
  }

  static Stream<Case> cases() {
    return Stream.of(
        holds("self.replicas <= self.most", "{replicas: 1, most: 2}"),
        broken("self.replicas <= self.most", "{replicas: 3, most: 2}"),
        holds("!has(self.name) || self.name.startsWith('x')", "{}"),
        broken("!has(self.name) || self.name.startsWith('x')", "{name: y}"),
        holds("self.a__dash__b == 'q'", "{a-b: q}"),
        holds("self.ratio > 0.5 && self.ratio < 1.5", "{ratio: 1}"),
        holds("self.tags.all(t, t.size() < 4) && self.tags.isSorted()", "{tags: [a, b]}"),
        broken("self.tags.exists_one(t, t == 'a')", "{tags: [a, a]}"),
        holds("self.limits['cpu'] == 2 && 'cpu' in self.limits", "{limits: {cpu: 2}}"),
        holds(
            "self.until > timestamp('2020-01-01T00:00:00Z')", "{until: \"2026-01-01T00:00:00Z\"}"),
        holds("type(self.either) == int ? self.either < 10 : self.either == 'x'", "{either: 5}"),
        holds("self.name.matches('^a+$') && self.name.find('a') == 'a'", "{name: aaa}"),
        holds("quantity(self.memory).isLessThan(quantity('1Gi'))", "{memory: 500Mi}"),
        new Case(
            "{rule: self.replicas < 5, message: too many, fieldPath: .replicas, reason:"
                + " FieldValueForbidden}",
            "",
            "{replicas: 9}",
            "spec.replicas: Forbidden: too many"),
        new Case(
            "{rule: self.replicas < 5, messageExpression: \"'at most 4, not ' +"
                + " string(self.replicas)\"}",
            "",
            "{replicas: 9}",
            "spec: Invalid value: \"object\": at most 4, not 9"),
        // a transition needs a state before
        new Case("{rule: self.replicas >= oldSelf.replicas}", "", "{replicas: 1}"),
        new Case(
            "{rule: self.replicas >= oldSelf.replicas}",
            "{replicas: 2}",
            "{replicas: 1}",
            "spec: Invalid value: \"object\": failed rule: self.replicas >= oldSelf.replicas"),
        new Case(
            "{rule: \"!oldSelf.hasValue() ? self.replicas == 1 : true\", optionalOldSelf: true}",
            "",
            "{replicas: 2}",
            "spec: Invalid value: \"object\": failed rule: !oldSelf.hasValue() ? self.replicas =="
                + " 1 : true"),
        // elements of a list that is a map are the same by their key
        new Case(
            "{rule: \"true\"}",
            "{ports: [{name: a, port: 5}, {name: b, port: 7}]}",
            "{ports: [{name: b, port: 6}, {name: a, port: 5}]}",
            "spec.ports[0].port: Invalid value: 6: only up"),
        // what stands under a key is named by the key
        new Case(
            "{rule: \"true\"}",
            "{quotas: {a: {most: 9}}}",
            "{quotas: {a: {most: 9}, b: {most: 8}}}",
            "spec.quotas[b].most: Invalid value: 8: too many"),
        // what is as it was is let be
        new Case("{rule: self.replicas < 5}", "{replicas: 9}", "{replicas: 9}"),
        new Case(
            "{rule: \"self.tags[5] == 'a'\"}",
            "",
            "{tags: []}",
            "spec: Invalid value: \"object\": evaluation error at <input>:9: Index out of bounds: 5"
                + " evaluating rule: self.tags[5] == 'a'"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void rulesAreAsked(Case one) {
    RuleCheck check = new RuleCheck(Schemas.schema(SHAPE.formatted(one.rule())));
    assertThat(
            check.check(
                one.before().isEmpty()
                    ? Optional.empty()
                    : Optional.of(Schemas.value("{spec: " + one.before() + "}")),
                Schemas.value("{spec: " + one.after() + "}")))
        .extracting(cause -> cause.field() + ": " + cause.message())
        .containsExactlyElementsOf(one.faults());
  }

  /// A hundred thousand times through the innermost loop, of ten operations or more each.
  private static final String MUCH =
      "[1,2,3,4,5,6,7,8,9,0].all(a, [1,2,3,4,5,6,7,8,9,0].all(b, [1,2,3,4,5,6,7,8,9,0].all(c,"
          + " [1,2,3,4,5,6,7,8,9,0].all(d, [1,2,3,4,5,6,7,8,9,0].all(e, a + b + c + d + e >= 0)))))";

  private static List<String> messages(String rules) {
    return new RuleCheck(Schemas.schema(SHAPE.formatted(rules)))
        .check(Optional.empty(), Schemas.value("{spec: {}}")).stream()
            .map(cause -> cause.message())
            .toList();
  }

  @Test
  void aRuleThatCostsTooMuchEndsThePass() {
    assertThat(messages("{rule: \"%s\"}, {rule: \"false\"}".formatted(MUCH)))
        .containsExactly(
            "Invalid value: \"object\": 'operation cancelled: actual cost limit exceeded': no"
                + " further validation rules will be run due to call cost exceeds limit for rule: "
                + MUCH);
  }

  @Test
  void rulesThatCostTooMuchTogetherEndThePass() {
    String thousands = MUCH.replace(" [1,2,3,4,5,6,7,8,9,0].all(e,", " [1].all(e,");
    String rule = "{rule: \"%s\"}".formatted(thousands);
    assertThat(messages(String.join(", ", Collections.nCopies(5, rule)))).isEmpty();
    assertThat(messages(String.join(", ", Collections.nCopies(60, rule))))
        .containsExactly(
            "Invalid value: \"object\": validation failed due to running out of cost budget, no"
                + " further validation rules will be run");
  }
}
