package io.coxswain.controlplane.customresource;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DefinitionProblemsTest {

  private static final String GOOD =
      """
      {apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition,
       metadata: {name: tabs.example.com},
       spec: {group: example.com, scope: Namespaced, names: {plural: tabs, kind: Tab},
        versions: [{name: v1, served: true, storage: true,
         schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}}]}}
      """;

  /// @param from what of [#GOOD] is written otherwise
  /// @param faults each the beginning of a `field: message`
  record Case(String from, String to, List<String> faults) {
    Case(String from, String to, String... faults) {
      this(from, to, List.of(faults));
    }

    @Override
    public String toString() {
      return to;
    }
  }

  private static Case schema(String spec, String... faults) {
    return new Case("spec: {type: object}", "spec: " + spec, faults);
  }

  /// A rule that costs less than what one may, and more than a thirteenth of what all may.
  private static final String MATCHES = "{rule: \"self.matches('" + "a".repeat(100) + "')\"}, ";

  static Stream<Case> cases() {
    String at = "spec.validation.openAPIV3Schema.properties[spec]";
    return Stream.of(
        new Case("nothing", "nothing"),
        new Case(
            "name: tabs.example.com",
            "name: other.example.com",
            "metadata.name: Invalid value: \"other.example.com\": must be"
                + " spec.names.plural+\".\"+spec.group"),
        new Case(
            "scope: Namespaced",
            "scope: Somewhere",
            "spec.scope: Unsupported value: \"Somewhere\": supported values: \"Cluster\","
                + " \"Namespaced\""),
        new Case(
            "storage: true",
            "storage: false",
            "spec.versions: Invalid value: \"v1\": must have exactly one version marked as storage"
                + " version"),
        new Case(
            "kind: Tab}",
            "kind: Tab, shortNames: [A_B]}",
            "spec.names.shortNames[0]: Invalid value: \"A_B\": a DNS-1035 label"),
        new Case(
            "scope: Namespaced",
            "scope: Cluster, preserveUnknownFields: true",
            "spec.preserveUnknownFields: Invalid value: true: cannot set to true"),
        new Case(
            "scope: Namespaced",
            "scope: Cluster, conversion: {strategy: Webhook}",
            "spec.conversion.webhookClientConfig: Required value: required when strategy is set to"
                + " Webhook",
            "spec.conversion.conversionReviewVersions: Required value"),
        new Case(
            "schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object}}}}",
            "deprecated: false",
            "spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required"),
        new Case(
            "openAPIV3Schema: {type: object,",
            "openAPIV3Schema: {",
            "spec.validation.openAPIV3Schema.type: Required value: must not be empty at the root"),
        schema("{}", at + ".type: Required value: must not be empty for specified object fields"),
        schema("{type: array}", at + ".items: Required value: must be specified"),
        schema(
            "{type: array, items: {}}",
            at + ".items.type: Required value: must not be empty for specified array items"),
        schema("{type: object, uniqueItems: true}", at + ".uniqueItems: Forbidden: uniqueItems"),
        schema("{type: object, $ref: x}", at + ".$ref: Forbidden: $ref is not supported"),
        schema(
            "{type: object, properties: {a: {type: string}}, additionalProperties: {type: string}}",
            at
                + ".additionalProperties: Forbidden: additionalProperties and properties are mutual"
                + " exclusive"),
        schema(
            "{type: object, anyOf: [{type: object}]}",
            at + ".anyOf[0].type: Forbidden: must be empty to be structural"),
        schema(
            "{type: object, x-kubernetes-preserve-unknown-fields: false}",
            at
                + ".x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or"
                + " undefined"),
        schema(
            "{type: string, pattern: '('}",
            at + ".pattern: Invalid value: \"(\": must be a valid regular expression, but isn't"),
        schema(
            "{type: array, x-kubernetes-list-type: map, items: {type: object}}",
            at
                + ".x-kubernetes-list-map-keys: Required value: must not be empty if"
                + " x-kubernetes-list-type is map"),
        schema(
            "{type: array, x-kubernetes-list-type: sorted, items: {type: string}}",
            at + ".x-kubernetes-list-type: Unsupported value: \"sorted\""),
        schema(
            "{type: string, default: 5}",
            at + ".default: Invalid value: \"integer\": in body must be of type string"),
        schema(
            "{type: object, properties: {x: {type: integer}}, x-kubernetes-validations: [{rule:"
                + " self.z == 1}]}",
            at
                + ".x-kubernetes-validations[0].rule: Invalid value: \"self.z == 1\": compilation"
                + " failed: ERROR: <input>:1:5: undefined field 'z'"),
        schema(
            "{type: object, x-kubernetes-validations: [{rule: self ==}]}",
            at
                + ".x-kubernetes-validations[0].rule: Invalid value: \"self ==\": compilation"
                + " failed: Syntax error"),
        schema(
            "{type: integer, x-kubernetes-validations: [{rule: self + 1}]}",
            at
                + ".x-kubernetes-validations[0].rule: Invalid value: \"self + 1\": cel expression"
                + " must evaluate to a bool"),
        schema(
            "{type: array, items: {type: string}, x-kubernetes-validations: [{rule: \"self.all(x,"
                + " self.all(y, x != y))\"}]}",
            at
                + ".x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget"
                + " by factor of more than 100x",
            at + ".x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost",
            "spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule"
                + " cost total for entire OpenAPIv3 schema exceeds budget by factor of more"),
        schema(
            "{type: array, maxItems: 10, items: {type: string}, x-kubernetes-validations: [{rule:"
                + " \"self.all(x, self.all(y, x == y))\"}]}",
            at
                + ".x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget"
                + " by factor of 3.1x"),
        schema(
            "{type: array, maxItems: 10, items: {type: string, maxLength: 20},"
                + " x-kubernetes-validations: [{rule: \"self.all(x, self.all(y, x == y))\"}]}"),
        schema(
            "{type: array, maxItems: 10, items: {type: string, enum: [a, b]},"
                + " x-kubernetes-validations: [{rule: \"self.all(x, self.all(y, x == y))\"}]}"),
        schema("{type: string, x-kubernetes-validations: [" + MATCHES.repeat(12) + "]}"),
        schema(
            "{type: string, x-kubernetes-validations: [" + MATCHES.repeat(13) + "]}",
            at + ".x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost",
            at + ".x-kubernetes-validations[1].rule: Forbidden: contributed to estimated rule cost",
            at + ".x-kubernetes-validations[2].rule: Forbidden: contributed to estimated rule cost",
            at + ".x-kubernetes-validations[3].rule: Forbidden: contributed to estimated rule cost",
            "spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule"
                + " cost total for entire OpenAPIv3 schema exceeds budget by factor of 1.02"),
        new Case(
            "storage: true,",
            "storage: true, additionalPrinterColumns: [{name: A, type: text, jsonPath: spec}],",
            "spec.additionalPrinterColumns[0].type: Invalid value: \"text\": must be one of"
                + " boolean,date,integer,number,string",
            "spec.additionalPrinterColumns[0].JSONPath: Invalid value: \"spec\": must be a simple"
                + " json path starting with ."),
        new Case(
            "storage: true,",
            "storage: true, selectableFields: [{jsonPath: .spec}],",
            "spec.selectableFields[0].jsonPath: Invalid value: \".spec\": must point to a field of"
                + " type string, boolean or integer"),
        new Case(
            "storage: true,",
            "storage: true, subresources: {scale: {specReplicasPath: .spec.n, statusReplicasPath:"
                + " .spec.n}},",
            "spec.subresources.scale.statusReplicasPath: Invalid value: \".spec.n\": should be a"
                + " json path under .status"),
        new Case(
            "name: tabs.example.com},\n spec: {group: example.com",
            "name: tabs.x.k8s.io},\n spec: {group: x.k8s.io",
            "metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups"
                + " must have approval annotation \"api-approved.kubernetes.io\""));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aDefinitionIsChecked(Case one) {
    assertThat(one.from().equals("nothing") || GOOD.contains(one.from())).isTrue();
    var causes =
        DefinitionProblems.onCreate(Schemas.definition(GOOD.replace(one.from(), one.to())));
    assertThat(causes)
        .extracting(cause -> cause.field() + ": " + cause.message())
        .hasSameSizeAs(one.faults())
        .allSatisfy(fault -> assertThat(one.faults()).anyMatch(fault::startsWith));
  }

  @Test
  void aCostlyRuleThatWasTakenOnceMayStay() {
    var good = Schemas.definition(GOOD);
    var costly =
        Schemas.definition(
            GOOD.replace(
                "spec: {type: object}",
                "spec: {type: array, items: {type: string}, x-kubernetes-validations: [{rule:"
                    + " \"self.all(x, self.all(y, x != y))\"}]}"));
    assertThat(DefinitionProblems.onUpdate(costly, costly)).isEmpty();
    assertThat(DefinitionProblems.onUpdate(good, costly)).isNotEmpty();
  }
}
