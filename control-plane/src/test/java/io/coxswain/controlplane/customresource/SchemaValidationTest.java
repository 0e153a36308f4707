package io.coxswain.controlplane.customresource;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

class SchemaValidationTest {

  /// @param schema of the member `x` of the object's `spec`
  /// @param value of it
  /// @param faults as `field: message`
  record Case(String schema, String value, List<String> faults) {
    Case(String schema, String value, String... faults) {
      this(schema, value, List.of(faults));
    }

    @Override
    public String toString() {
      return schema + " given " + value;
    }
  }

  private static String body(String words) {
    return "spec.x in body " + words;
  }

  static Stream<Case> cases() {
    return Stream.of(
        new Case("{type: string}", "a"),
        new Case(
            "{type: string}",
            "1",
            "spec.x: Invalid value: \"integer\": " + body("must be of type string: \"integer\"")),
        new Case("{type: integer}", "2.0"),
        new Case(
            "{type: integer}",
            "2.5",
            "spec.x: Invalid value: \"number\": " + body("must be of type integer: \"number\"")),
        new Case("{type: number}", "2"),
        new Case(
            "{type: boolean}",
            "null",
            "spec.x: Invalid value: \"null\": " + body("must be of type boolean: \"null\"")),
        new Case("{type: boolean, nullable: true}", "null"),
        new Case("{x-kubernetes-int-or-string: true}", "80"),
        new Case("{x-kubernetes-int-or-string: true}", "http"),
        new Case(
            "{x-kubernetes-int-or-string: true}",
            "[]",
            "spec.x: Invalid value: \"array\": "
                + body("must be of type integer,string: \"array\"")),
        new Case(
            "{type: string, enum: [a, b]}",
            "c",
            "spec.x: Unsupported value: \"c\": supported values: \"a\", \"b\""),
        new Case(
            "{type: string, pattern: '^a+$'}",
            "b",
            "spec.x: Invalid value: \"b\": " + body("should match '^a+$'")),
        new Case(
            "{type: string, maxLength: 2}",
            "äöü",
            "spec.x: Too long: may not be more than 2 bytes"),
        new Case("{type: string, maxLength: 3}", "äöü"),
        new Case(
            "{type: string, minLength: 2}",
            "a",
            "spec.x: Invalid value: \"a\": " + body("should be at least 2 chars long")),
        new Case(
            "{type: integer, minimum: 1}",
            "0",
            "spec.x: Invalid value: 0: " + body("should be greater than or equal to 1")),
        new Case(
            "{type: integer, minimum: 1, exclusiveMinimum: true}",
            "1",
            "spec.x: Invalid value: 1: " + body("should be greater than 1")),
        new Case(
            "{type: number, maximum: 1.5}",
            "2",
            "spec.x: Invalid value: 2: " + body("should be less than or equal to 1.5")),
        new Case(
            "{type: integer, multipleOf: 5}",
            "7",
            "spec.x: Invalid value: 7: " + body("should be a multiple of 5")),
        new Case("{type: number, multipleOf: 0.1}", "0.3"),
        new Case(
            "{type: array, items: {type: integer}, maxItems: 1}",
            "[1, 2]",
            "spec.x: Too many: 2: must have at most 1 items"),
        new Case(
            "{type: array, items: {type: integer}, minItems: 1}",
            "[]",
            "spec.x: Invalid value: []: " + body("should have at least 1 items")),
        new Case(
            "{type: array, items: {type: integer}, x-kubernetes-list-type: set}",
            "[1, 2, 1]",
            "spec.x[2]: Duplicate value: 1"),
        new Case(
            "{type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [a, b],"
                + " items: {type: object, properties: {a: {type: string}, b: {type: string,"
                + " default: q}}}}",
            "[{a: x}, {a: y}, {a: x, b: q}]",
            "spec.x[2]: Duplicate value: {\"a\":\"x\",\"b\":\"q\"}"),
        new Case(
            "{type: object, properties: {a: {type: integer}}, required: [a, b]}",
            "{a: z}",
            "spec.x.b: Required value",
            "spec.x.a: Invalid value: \"string\": spec.x.a in body must be of type integer:"
                + " \"string\""),
        new Case(
            "{type: object, additionalProperties: {type: integer}, maxProperties: 1}",
            "{a: 1, b: no}",
            "spec.x: Too many: 2: must have at most 1 items",
            "spec.x.b: Invalid value: \"string\": spec.x.b in body must be of type integer:"
                + " \"string\""),
        new Case(
            "{type: object, properties: {a: {type: integer}, b: {type: integer}},"
                + " oneOf: [{required: [a]}, {required: [b]}]}",
            "{a: 1, b: 1}",
            "spec.x: Invalid value: \"\": \"spec.x\" must validate one and only one schema"
                + " (oneOf). Found 2 valid alternatives"),
        new Case(
            "{type: integer, anyOf: [{minimum: 10}, {maximum: 1}]}",
            "5",
            "spec.x: Invalid value: \"\": \"spec.x\" must validate at least one schema (anyOf)"),
        new Case(
            "{type: integer, not: {enum: [5]}}",
            "5",
            "spec.x: Invalid value: \"\": \"spec.x\" must not validate the schema (not)"),
        new Case(
            "{type: string, format: date-time}",
            "tomorrow",
            "spec.x: Invalid value: \"tomorrow\": "
                + body("must be of type date-time: \"tomorrow\"")),
        new Case("{type: string, format: ipv4}", "10.0.0.1"),
        new Case(
            "{type: string, format: cidr}",
            "10.0.0.1",
            "spec.x: Invalid value: \"10.0.0.1\": " + body("must be of type cidr: \"10.0.0.1\"")),
        new Case("{type: string, format: no-such-format}", "a"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aValueIsCheckedAgainstItsSchema(Case one) {
    StructuralSchema schema =
        Schemas.schema(
            "{type: object, properties: {spec: {type: object, properties: {x: "
                + one.schema()
                + "}}}}");
    assertThat(SchemaValidation.onCreate(Schemas.value("{spec: {x: " + one.value() + "}}"), schema))
        .extracting(cause -> cause.field() + ": " + cause.message())
        .containsExactlyInAnyOrderElementsOf(one.faults());
  }

  @Test
  void whatWasWrongBeforeAndIsTheSameNowPasses() {
    StructuralSchema schema =
        Schemas.schema(
            "{type: object, properties: {a: {type: string, maxLength: 1}, b: {type: string,"
                + " maxLength: 1}}}");
    assertThat(
            SchemaValidation.onUpdate(
                Schemas.value("{a: old, b: x}"), Schemas.value("{a: old, b: y}"), schema))
        .isEmpty();
    assertThat(
            SchemaValidation.onUpdate(
                Schemas.value("{a: old, b: x}"), Schemas.value("{a: new, b: x}"), schema))
        .extracting(cause -> cause.field())
        .containsExactly("a");
  }

  @Test
  void pruningKeepsWhatTheSchemaKnows() {
    StructuralSchema schema =
        Schemas.schema(
            """
            {type: object, properties: {
              free: {type: object, x-kubernetes-preserve-unknown-fields: true,
                properties: {tight: {type: object, properties: {a: {type: string}}}}},
              list: {type: array, items: {type: object, properties: {a: {type: string}}}},
              map: {type: object, additionalProperties: {type: object, properties: {a: {type: string}}}},
              inner: {type: object, x-kubernetes-embedded-resource: true,
                properties: {spec: {type: object}}}}}
            """);
    ObjectNode value =
        (ObjectNode)
            Schemas.value(
                """
                {apiVersion: v1, kind: K, odd: 1, free: {x: 1, tight: {a: a, b: b}},
                 list: [{a: a, b: b}], map: {k: {a: a, b: b}},
                 inner: {apiVersion: v1, kind: I, metadata: {name: n}, odd: 1, spec: {x: 1}}}
                """);
    assertThat(Pruning.prune(value, schema))
        .containsExactlyInAnyOrder(
            "unknown field \"odd\"",
            "unknown field \"free.tight.b\"",
            "unknown field \"list[0].b\"",
            "unknown field \"map.k.b\"",
            "unknown field \"inner.odd\"",
            "unknown field \"inner.spec.x\"");
    assertThat(value)
        .isEqualTo(
            Schemas.value(
                """
                {apiVersion: v1, kind: K, free: {x: 1, tight: {a: a}}, list: [{a: a}],
                 map: {k: {a: a}}, inner: {apiVersion: v1, kind: I, metadata: {name: n}, spec: {}}}
                """));
  }

  @Test
  void defaultsFillInWhatIsAbsentAlsoInsideOfDefaults() {
    StructuralSchema schema =
        Schemas.schema(
            """
            {type: object, properties: {
              a: {type: object, default: {}, properties: {b: {type: integer, default: 5}}},
              n: {type: string, nullable: true, default: x},
              m: {type: string, default: x},
              l: {type: array, items: {type: object, properties: {p: {type: string, default: TCP}}}}}}
            """);
    ObjectNode value = (ObjectNode) Schemas.value("{n: null, m: null, l: [{}, {p: UDP}]}");
    Defaulting.apply(value, schema);
    assertThat(value)
        .isEqualTo(Schemas.value("{a: {b: 5}, n: null, m: x, l: [{p: TCP}, {p: UDP}]}"));
  }

  @Test
  void jsonPathsLeadToValues() {
    var object =
        Schemas.value(
            """
            {spec: {ports: [{name: a, n: 1}, {name: b, n: 2}], "x.y": deep},
             status: {conditions: [{type: Ready, status: "True"}, {type: Old, status: "False"}]}}
            """);
    List<String[]> paths =
        List.of(
            new String[] {".spec.ports[0].name", "[\"a\"]"},
            new String[] {".spec.ports[*].n", "[1, 2]"},
            new String[] {".spec['x.y']", "[\"deep\"]"},
            new String[] {".spec.x\\.y", "[\"deep\"]"},
            new String[] {".status.conditions[?(@.type==\"Ready\")].status", "[\"True\"]"},
            new String[] {".status.conditions[?(@.type != 'Ready')].status", "[\"False\"]"},
            new String[] {".spec.none.at.all", "[]"});
    for (String[] path : paths) {
      assertThat(JsonPath.parse(path[0]).orElseThrow().find(object).toString())
          .as(path[0])
          .isEqualTo(path[1]);
    }
    assertThat(JsonPath.parse(".spec..name")).isEmpty();
    assertThat(JsonPath.parse("spec")).isEmpty();
  }
}
