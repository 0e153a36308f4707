package io.coxswain.controlplane.admission;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.coxswain.api.resource.v1.ResourceClaim;
import io.coxswain.api.resource.v1.ResourceSlice;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What classes, claims and slices of devices may say, and what of them may change.
class DeviceRulesTest {

  private static final String CLASS =
      "{apiVersion: resource.k8s.io/v1, kind: DeviceClass, metadata: {name: a, uid: u}, spec: {selectors: [{cel: {expression: \"true\"}}], config: [{opaque: {driver: d.example.com, parameters: {a: 1}}}], extendedResourceName: example.com/gpu}}";
  private static final String CLAIM =
      "{apiVersion: resource.k8s.io/v1, kind: ResourceClaim, metadata: {name: a, namespace: ns, uid: u}, spec: {devices: {requests: [{name: r, exactly: {deviceClassName: gpu}}, {name: s, firstAvailable: [{name: x, deviceClassName: big}, {name: w, deviceClassName: small}]}], constraints: [{requests: [r, s/x], matchAttribute: d.example.com/numa}], config: [{requests: [s], opaque: {driver: d.example.com, parameters: {a: 1}}}]}}}";
  private static final String TEMPLATE =
      "{apiVersion: resource.k8s.io/v1, kind: ResourceClaimTemplate, metadata: {name: a, namespace: ns, uid: u}, spec: {metadata: {labels: {a: b}}, spec: {devices: {requests: [{name: r, exactly: {deviceClassName: gpu}}]}}}}";
  private static final String SLICE =
      "{apiVersion: resource.k8s.io/v1, kind: ResourceSlice, metadata: {name: a, uid: u}, spec: {driver: d.example.com, pool: {name: p/q, generation: 0, resourceSliceCount: 1}, nodeName: n1, devices: [{name: gpu-0, attributes: {model: {string: a100}, other.example.com/cores: {int: 0}, driver: {version: 1.2.3-rc.1+b}}, capacity: {memory: {value: 40Gi}}, taints: [{key: example.com/worn, effect: NoSchedule}]}]}}";
  private static final String SHARED =
      SLICE
          .replace(
              "memory: {value: 40Gi}",
              "memory: {value: 40Gi, requestPolicy: {default: 1Gi, validRange: {min: 1Gi, max: 8Gi, step: 1Gi}}}")
          .replace("name: gpu-0", "name: gpu-0, allowMultipleAllocations: true");
  private static final String COUNTERS =
      "{apiVersion: resource.k8s.io/v1, kind: ResourceSlice, metadata: {name: a, uid: u}, spec: {driver: d.example.com, pool: {name: p, resourceSliceCount: 1}, allNodes: true, sharedCounters: [{name: set, counters: {memory: {value: 40Gi}}}]}}";
  private static final String ALLOCATED =
      CLAIM.substring(0, CLAIM.length() - 1)
          + ", status: {allocation: {devices: {results: [{request: r, driver: d.example.com, pool: p, device: gpu-0}]}}, reservedFor: [{resource: pods, name: x, uid: u1}], devices: [{driver: d.example.com, pool: p, device: gpu-0, conditions: [{type: Ready, status: \"True\", reason: Ok, message: \"\", lastTransitionTime: \"2026-11-24T00:00:00Z\"}], networkData: {ips: [10.9.8.7/24, \"2001:db8::1/64\"]}}]}}";

  record Case(String object, String from, String to, String problem) {
    @Override
    public String toString() {
      return problem.isEmpty() ? to : problem;
    }
  }

  private static Case good(String object, String from, String to) {
    return new Case(object, from, to, "");
  }

  private static Case bad(String object, String from, String to, String problem) {
    return new Case(object, from, to, problem);
  }

  private static String many(int count, String item) {
    return IntStream.range(0, count)
        .mapToObj(i -> item.replace("#", String.valueOf(i)))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  static Stream<Case> made() {
    return Stream.of(classes(), claims(), slices(), capacities()).flatMap(one -> one);
  }

  private static Stream<Case> classes() {
    String selectors = "[{cel: {expression: \"true\"}}]";
    return Stream.of(
        good(CLASS, "", ""),
        good(CLASS, "\"true\"", "\"device.driver == 'd' && 'x' in device.attributes['d']\""),
        good(CLASS, "\"true\"", "\"device.attributes['d'].model == 'a100'\""),
        good(CLASS, "\"true\"", "\"device.attributes['d'].ready\""),
        good(
            CLASS,
            "\"true\"",
            "\"device.capacity['d'].memory.compareTo(quantity('1Gi')) >= 0 && !device.allowMultipleAllocations\""),
        good(CLASS, "\"true\"", "\"cel.bind(d, device.attributes['d'], d.a && d.b)\""),
        good(
            CLASS, "\"true\"", "\"device.attributes['d'].version.isGreaterThan(semver('1.0.0'))\""),
        bad(
            CLASS,
            "\"true\"",
            "\"device.drivr == 'd'\"",
            "spec.selectors[0].cel.expression: Invalid value: \"device.drivr == 'd'\": compilation failed"),
        bad(
            CLASS,
            "\"true\"",
            "\"'text'\"",
            "must evaluate to bool or the unknown type, not string"),
        bad(CLASS, "\"true\"", "\"\"", "spec.selectors[0].cel.expression: Invalid value: \"\""),
        bad(
            CLASS,
            "\"true\"",
            "\"device.attributes['d'].names.exists(x, x.contains(x))\"",
            "spec.selectors[0].cel.expression: Forbidden: too complex, exceeds cost limit"),
        bad(CLASS, "cel: {expression: \"true\"}", "", "spec.selectors[0].cel: Required value"),
        bad(
            CLASS,
            selectors,
            many(33, "{cel: {expression: \"true\"}}"),
            "spec.selectors: Too many: 33: must have at most 32 items"),
        bad(
            CLASS,
            "driver: d.example.com",
            "driver: \"\"",
            "spec.config[0].opaque.driver: Required"),
        bad(CLASS, "driver: d.example.com", "driver: a_b", "spec.config[0].opaque.driver: Invalid"),
        bad(
            CLASS,
            "driver: d.example.com",
            "driver: " + "d".repeat(64),
            "spec.config[0].opaque.driver: Too long: may not be more than 63 bytes"),
        bad(
            CLASS,
            "parameters: {a: 1}",
            "parameters: [1]",
            "spec.config[0].opaque.parameters: Invalid value: \"<value omitted>\": must be a valid JSON object"),
        bad(CLASS, ", parameters: {a: 1}", "", "spec.config[0].opaque.parameters: Required value"),
        bad(
            CLASS,
            "{a: 1}",
            "{a: " + "x".repeat(10 * 1024) + "}",
            "spec.config[0].opaque.parameters: Too long"),
        bad(
            CLASS,
            "example.com/gpu",
            "requests.example.com/gpu",
            "spec.extendedResourceName: Invalid value"),
        bad(CLASS, "example.com/gpu", "cpu", "must be a valid extended resource name"));
  }

  private static Stream<Case> claims() {
    String exactly = "exactly: {deviceClassName: gpu}";
    String at = "spec.devices.requests[0]";
    return Stream.of(
        good(CLAIM, "", ""),
        good(TEMPLATE, "", ""),
        good(CLAIM, exactly, "exactly: {deviceClassName: gpu, allocationMode: All}"),
        good(
            CLAIM,
            exactly,
            "exactly: {deviceClassName: gpu, tolerations: [{operator: Exists}, {key: a, value: b}]}"),
        good(CLAIM, "matchAttribute", "distinctAttribute"),
        bad(
            CLAIM,
            exactly,
            "exactly: {deviceClassName: gpu, selectors: [{cel: {expression: \"device.attributes['d'].names.exists(x, x.contains(x))\"}}]}",
            at
                + ".exactly.selectors[0].cel.expression: Forbidden: too complex, exceeds cost limit"),
        bad(CLAIM, "name: r,", "name: R,", at + ".name: Invalid value: \"R\""),
        bad(CLAIM, "name: r, ", "", at + ".name: Invalid value: \"\""),
        bad(CLAIM, "name: s,", "name: r,", "spec.devices.requests[1]: Duplicate value: \"r\""),
        bad(
            CLAIM,
            "requests: [{name: r",
            "requests: [{name: t}, {name: r",
            at + ": Required value: exactly one of `exactly` or `firstAvailable` is required"),
        bad(
            CLAIM,
            "name: s,",
            "name: s, " + exactly + ",",
            "spec.devices.requests[1]: Invalid value: null: exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set"),
        bad(CLAIM, "deviceClassName: gpu", "count: 1", at + ".exactly.deviceClassName: Required"),
        bad(
            CLAIM,
            "deviceClassName: gpu",
            "deviceClassName: G",
            at + ".exactly.deviceClassName: Inv"),
        bad(
            CLAIM,
            exactly,
            "exactly: {deviceClassName: gpu, count: -1}",
            at + ".exactly.count: Invalid value: -1: must be greater than zero"),
        bad(
            CLAIM,
            exactly,
            "exactly: {deviceClassName: gpu, allocationMode: All, count: 2}",
            at
                + ".exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'"),
        bad(
            CLAIM,
            exactly,
            "exactly: {deviceClassName: gpu, allocationMode: Some}",
            at
                + ".exactly.allocationMode: Unsupported value: \"Some\": supported values: \"All\", \"ExactCount\""),
        bad(
            CLAIM,
            exactly,
            "exactly: {deviceClassName: gpu, tolerations: [{operator: Exists, value: a}]}",
            at
                + ".exactly.tolerations[0].value: Invalid value: \"a\": must be empty for operator `Exists`"),
        bad(
            CLAIM,
            exactly,
            "exactly: {deviceClassName: gpu, tolerations: [{operator: Exists, effect: PreferNoSchedule}]}",
            at + ".exactly.tolerations[0].effect: Unsupported value"),
        bad(
            CLAIM,
            "name: w",
            "name: x",
            "spec.devices.requests[1].firstAvailable[1]: Duplicate value: \"x\""),
        bad(
            CLAIM,
            "[r, s/x]",
            "[r, s/z]",
            "spec.devices.constraints[0].requests[1]: Invalid value: \"s/z\": must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"),
        bad(
            CLAIM,
            "[r, s/x]",
            "[r, r]",
            "spec.devices.constraints[0].requests[1]: Duplicate value"),
        bad(
            CLAIM,
            "d.example.com/numa",
            "numa",
            "spec.devices.constraints[0].matchAttribute: Invalid value: \"numa\": a fully qualified name must be a domain and a name separated by a slash"),
        bad(CLAIM, "d.example.com/numa", "d.example.com/a-b", "a valid C identifier must start"),
        bad(
            CLAIM,
            ", matchAttribute: d.example.com/numa",
            "",
            "spec.devices.constraints[0]: Required value: exactly one of"),
        bad(
            CLAIM,
            "requests: [s], opaque",
            "requests: [t], opaque",
            "spec.devices.config[0].requests[0]"),
        bad(
            CLAIM,
            "requests: [{name: r",
            "requests: " + many(31, "{name: r#, " + exactly + "}").replace("]", "") + ", {name: r",
            "spec.devices.requests: Too many: 33: must have at most 32 items"),
        bad(
            TEMPLATE,
            "deviceClassName: gpu",
            "deviceClassName: \"\"",
            "spec.spec.devices.requests[0].exactly.deviceClassName: Required value"),
        bad(TEMPLATE, "{a: b}", "{a: \"b b\"}", "spec.metadata.labels: Invalid value: \"b b\""));
  }

  private static Stream<Case> slices() {
    String device = "spec.devices[0]";
    return Stream.of(
        good(SLICE, "", ""),
        good(COUNTERS, "", ""),
        good(SLICE, "nodeName: n1, ", "allNodes: true, "),
        good(
            SLICE,
            "nodeName: n1, devices: [{name: gpu-0",
            "perDeviceNodeSelection: true, devices: [{nodeName: n1, name: gpu-0"),
        bad(SLICE, "driver: d.example.com", "driver: \"\"", "spec.driver: Required value"),
        bad(SLICE, "name: p/q", "name: p//q", "spec.pool.name: Invalid value: \"\""),
        bad(SLICE, "name: p/q", "name: \"\"", "spec.pool.name: Required value"),
        bad(
            SLICE,
            "resourceSliceCount: 1",
            "resourceSliceCount: 0",
            "spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero"),
        bad(
            SLICE,
            "generation: 0",
            "generation: -1",
            "spec.pool.generation: Invalid value: -1: must be greater than or equal to zero"),
        bad(
            SLICE,
            "nodeName: n1, ",
            "",
            "spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required"),
        bad(
            SLICE,
            "nodeName: n1",
            "nodeName: n1, allNodes: true",
            "spec: Invalid value: \"{`nodeName`, `allNodes`}\": exactly one of"),
        bad(
            SLICE,
            "nodeName: n1",
            "nodeName: \"\"",
            "spec.nodeName: Invalid value: \"\": must be either unset or set to a non-empty string"),
        bad(
            SLICE,
            "nodeName: n1",
            "nodeName: n1, allNodes: false",
            "spec.allNodes: Invalid value: false: must be either unset or set to true"),
        bad(
            SLICE,
            "nodeName: n1",
            "nodeSelector: {nodeSelectorTerms: [{}, {}]}",
            "spec.nodeSelector.nodeSelectorTerms: Invalid value"),
        bad(SLICE, "name: gpu-0", "name: GPU", device + ".name: Invalid value: \"GPU\""),
        bad(
            SLICE,
            "devices: [",
            "devices: [{name: gpu-0}, ",
            "spec.devices[1]: Duplicate value: \"gpu-0\""),
        bad(
            SLICE,
            "devices: [",
            "devices: " + many(64, "{name: d#}").replace("]", ", "),
            "spec.devices: Too many: 65: must have at most 64 items"),
        bad(
            SLICE.replace(", taints: [{key: example.com/worn, effect: NoSchedule}]", ""),
            "devices: [",
            "devices: " + many(128, "{name: d#}").replace("]", ", "),
            "spec.devices: Too many: 129: must have at most 128 items"),
        bad(
            SLICE,
            "{string: a100}",
            "{string: a100, int: 1}",
            device
                + ".attributes[model]: Invalid value: {\"int\":1,\"string\":\"a100\"}: exactly one value must be specified"),
        bad(SLICE, "{string: a100}", "{}", device + ".attributes[model]: Invalid value: \"\""),
        bad(
            SLICE,
            "a100",
            "x".repeat(65),
            device + ".attributes[model].string: Too long: may not be more than 64 bytes"),
        bad(
            SLICE,
            "1.2.3-rc.1+b",
            "\"1.2\"",
            device
                + ".attributes[driver].version: Invalid value: \"1.2\": must be a string compatible with semver.org spec 2.0.0"),
        bad(SLICE, "model:", "mo-del:", device + ".attributes: Invalid value: \"mo-del\""),
        bad(SLICE, "model:", "m" + "o".repeat(32) + ":", device + ".attributes: Too long"),
        bad(
            SLICE,
            "attributes: {",
            "attributes: {" + many(32, "a#: {bool: true}").replaceAll("[\\[\\]]", "") + ", ",
            "the total number of attributes and capacities must not exceed 32"),
        bad(SLICE, "example.com/worn", "a b", device + ".taints[0].key: Invalid value: \"a b\""),
        bad(SLICE, ", effect: NoSchedule", "", device + ".taints[0].effect: Required value"),
        bad(
            SLICE,
            "NoSchedule",
            "Never",
            device + ".taints[0].effect: Unsupported value: \"Never\""),
        bad(
            SLICE,
            "name: gpu-0",
            "name: gpu-0, nodeName: n1",
            "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true"),
        bad(
            SLICE,
            "nodeName: n1",
            "perDeviceNodeSelection: true",
            device + ": Required value: exactly one of `nodeName`, `nodeSelector`, or `allNodes`"),
        bad(
            SLICE,
            "nodeName: n1, devices: [{name: gpu-0",
            "perDeviceNodeSelection: true, devices: [{nodeName: n1, allNodes: true, name: gpu-0",
            device
                + ": Invalid value: \"{`nodeName`, `allNodes`}\": exactly one of `nodeName`, `nodeSelector`, or"),
        bad(
            SLICE,
            "nodeName: n1, devices: [{name: gpu-0",
            "perDeviceNodeSelection: true, devices: [{nodeName: \"\", allNodes: true, name: gpu-0",
            device + ".nodeName: Invalid value: \"\": must not be empty"),
        bad(
            SLICE,
            "nodeName: n1, devices: [{name: gpu-0",
            "perDeviceNodeSelection: true, devices: [{nodeName: n1, allNodes: false, name: gpu-0",
            device + ".allNodes: Invalid value: false: must be either unset or set to true"),
        bad(
            SLICE,
            "nodeName: n1, devices: [{name: gpu-0",
            "perDeviceNodeSelection: true, devices: [{nodeName: N_1, name: gpu-0",
            device + ".nodeName: Invalid value: \"N_1\""),
        bad(
            SLICE,
            "name: gpu-0",
            "name: gpu-0, bindingConditions: [a, a]",
            device + ".bindingConditions[1]: Duplicate value: \"a\""),
        bad(
            SLICE,
            "name: gpu-0",
            "name: gpu-0, bindingConditions: [a]",
            "bindingFailureConditions are required to use bindingConditions"),
        bad(
            SLICE,
            "name: gpu-0",
            "name: gpu-0, bindingConditions: [a], bindingFailureConditions: [a]",
            "bindingFailureConditions must not overlap with bindingConditions"),
        bad(
            SLICE,
            "name: gpu-0",
            "name: gpu-0, consumesCounters: [{counterSet: s}]",
            device + ".consumesCounters[0].counters: Required value"),
        bad(
            SLICE,
            "name: gpu-0",
            "name: gpu-0, nodeAllocatableResourceMappings: {cpu: {capacityKey: none}}",
            device + ".nodeAllocatableResourceMappings[cpu].capacityKey: Not found: \"none\""),
        bad(
            COUNTERS,
            "allNodes: true",
            "allNodes: true, devices: [{name: a}]",
            "spec: Invalid value: \"\": only one of `sharedCounters` or `devices` is allowed"),
        bad(COUNTERS, "name: set, ", "", "spec.sharedCounters[0].name: Required value"),
        bad(COUNTERS, "memory:", "Memory:", "spec.sharedCounters[0].counters: Invalid value"));
  }

  private static Stream<Case> capacities() {
    String range = "validRange: {min: 1Gi, max: 8Gi, step: 1Gi}";
    String policy = "spec.devices[0].capacity[memory].requestPolicy";
    return Stream.of(
        good(SHARED, "", ""),
        good(SHARED, range, "validValues: [1Gi, 2Gi]"),
        bad(SHARED, "allowMultipleAllocations: true", "allNodes: true", policy + ": Forbidden"),
        bad(
            SHARED,
            range,
            range + ", validValues: [1Gi]",
            policy + ": Forbidden: exactly one policy can be specified"),
        bad(SHARED, "default: 1Gi, ", "", policy + ".default: Required value: required when"),
        bad(
            SHARED,
            range,
            "validValues: [2Gi, 1Gi]",
            policy + ".validValues[1]: Invalid value: \"1Gi\": values must be sorted in ascending"),
        bad(
            SHARED,
            range,
            "validValues: [1Gi, 1024Mi]",
            policy + ".validValues[1]: Duplicate value: \"1Gi\""),
        bad(
            SHARED,
            range,
            "validValues: [1Gi, 41Gi]",
            policy
                + ".validValues[1]: Invalid value: \"41Gi\": option is larger than capacity value: 40Gi"),
        bad(
            SHARED,
            range,
            "validValues: [2Gi]",
            "default value is not valid according to the requestPolicy"),
        bad(SHARED, "min: 1Gi, ", "", policy + ".validRange.min: Required value"),
        bad(SHARED, "min: 1Gi", "min: 2Gi", "default is less than min: 2Gi"),
        bad(SHARED, "max: 8Gi", "max: 41Gi", "max is larger than capacity value: 40Gi"),
        bad(
            SHARED,
            "step: 1Gi",
            "step: 3Gi",
            policy
                + ".validRange.step: Invalid value: \"8Gi\": value is not a multiple of a given step (3Gi) from (1Gi)"),
        bad(
            SHARED,
            "step: 1Gi",
            "step: 40Gi",
            "one step 41Gi is larger than capacity value: 40Gi"));
  }

  @ParameterizedTest
  @MethodSource("made")
  void newObjectsAreJudged(Case given) {
    assertThat(given.object()).contains(given.from());
    Message object = Objects.of(given.object().replace(given.from(), given.to()));
    judged(Validation.onCreate(Defaults.apply(object)), given);
  }

  private static void judged(List<io.coxswain.client.ApiError.Cause> causes, Case given) {
    List<String> problems =
        causes.stream().map(cause -> cause.field() + ": " + cause.message()).toList();
    if (given.problem().isEmpty()) {
      assertThat(problems).isEmpty();
    } else {
      assertThat(problems).anyMatch(problem -> problem.contains(given.problem()));
    }
  }

  static Stream<Case> changed() {
    return Stream.of(
        good(CLASS, "\"true\"", "\"false\""),
        good(CLAIM, "name: a, namespace", "labels: {x: z}, name: a, namespace"),
        good(TEMPLATE, "name: a, namespace", "labels: {x: z}, name: a, namespace"),
        good(SLICE, "resourceSliceCount: 1", "resourceSliceCount: 2"),
        bad(CLAIM, "deviceClassName: gpu", "deviceClassName: other", "field is immutable"),
        bad(TEMPLATE, "deviceClassName: gpu", "deviceClassName: other", "field is immutable"),
        bad(TEMPLATE, "{a: b}", "{a: c}", "spec: Invalid value"),
        bad(
            SLICE,
            "driver: d.example.com",
            "driver: e.example.com",
            "spec.driver: Invalid value: \"e.example.com\": field is immutable"),
        bad(
            SLICE,
            "name: p/q",
            "name: p",
            "spec.pool.name: Invalid value: \"p\": field is immutable"),
        bad(
            SLICE,
            "nodeName: n1",
            "allNodes: true",
            "spec.nodeName: Invalid value: \"\": field is immutable"));
  }

  @ParameterizedTest
  @MethodSource("changed")
  void changesAreJudged(Case given) {
    assertThat(given.object()).contains(given.from());
    Message before = Defaults.apply(Objects.of(given.object()));
    Message after = Defaults.apply(Objects.of(given.object().replace(given.from(), given.to())));
    judged(Validation.onUpdate(before, after), given);
  }

  static Stream<Case> statuses() {
    String allocation =
        "allocation: {devices: {results: [{request: r, driver: d.example.com, pool: p, device: gpu-0}]}}, ";
    return Stream.of(
        good(ALLOCATED, "", ""),
        good(ALLOCATED, "request: r", "request: s/w"),
        bad(
            ALLOCATED,
            allocation,
            "",
            "status.reservedFor: Forbidden: may not be specified when `allocated` is not set"),
        bad(
            ALLOCATED,
            allocation,
            "",
            "status.devices[0]: Invalid value: \"d.example.com/p/gpu-0\": must be an allocated device in the claim"),
        bad(
            ALLOCATED,
            "request: r",
            "request: t",
            "status.allocation.devices.results[0].request: Invalid value: \"t\": must be the name"),
        bad(
            ALLOCATED,
            "request: r",
            "request: r, shareID: X",
            "status.allocation.devices.results[0].shareID: Invalid value: \"X\": uid must be in RFC 4122"),
        bad(ALLOCATED, "uid: u1", "uid: \"\"", "status.reservedFor[0].uid: Required value"),
        bad(
            ALLOCATED,
            "reservedFor: [",
            "reservedFor: [{resource: pods, name: z, uid: u1}, ",
            "status.reservedFor[1]: Duplicate value: \"u1\""),
        bad(
            ALLOCATED,
            "reservedFor: [{resource: pods, name: x, uid: u1}]",
            "reservedFor: " + many(257, "{resource: pods, name: x, uid: v#}"),
            "status.reservedFor: Too many: 257: must have at most 256 items"),
        bad(
            ALLOCATED,
            "status: \"True\"",
            "status: Perhaps",
            "status.devices[0].conditions[0].status: Unsupported value: \"Perhaps\""),
        bad(
            ALLOCATED,
            "reason: Ok",
            "reason: \"\"",
            "status.devices[0].conditions[0].reason: Required value"),
        bad(
            ALLOCATED,
            "10.9.8.7/24",
            "10.9.8.7",
            "status.devices[0].networkData.ips[0]: Invalid value: \"10.9.8.7\": must be a valid address in CIDR form"),
        bad(
            ALLOCATED,
            "networkData: {",
            "data: [1], networkData: {",
            "status.devices[0].data: Invalid value: \"<value omitted>\": must be a valid JSON object"));
  }

  @ParameterizedTest
  @MethodSource("statuses")
  void whatAClaimGotIsJudged(Case given) {
    assertThat(given.object()).contains(given.from());
    Message before = Objects.of(CLAIM);
    Message after = Objects.of(given.object().replace(given.from(), given.to()));
    judged(Validation.onStatusUpdate("status", before, after), given);
  }

  @Test
  void whatWasAllocatedStaysUntilItIsGivenBack() {
    ResourceClaim allocated = Objects.of(ResourceClaim.class, ALLOCATED);
    ResourceClaim.Builder other = allocated.toBuilder();
    other
        .getStatusBuilder()
        .clearDevices()
        .getAllocationBuilder()
        .getDevicesBuilder()
        .getResultsBuilder(0)
        .setDevice("gpu-1");
    judged(
        Validation.onStatusUpdate("status", allocated, other.build()),
        bad("", "", "", "status.allocation: Invalid value"));

    ResourceClaim.Builder free = allocated.toBuilder();
    free.getStatusBuilder().clearAllocation().clearReservedFor();
    ResourceClaim.Builder cleared = free.clone();
    cleared.setStatus(DeviceStatusRules.withoutReleased(allocated.getStatus(), free.getStatus()));
    assertThat(cleared.getStatus().getDevicesList()).isEmpty();
    judged(Validation.onStatusUpdate("status", allocated, cleared.build()), good("", "", ""));
  }

  @Test
  void nobodyElseIsLetInWhileAClaimIsDeleted() {
    ResourceClaim allocated = Objects.of(ResourceClaim.class, ALLOCATED);
    ResourceClaim.Builder deleted = allocated.toBuilder();
    deleted.getMetadataBuilder().getDeletionTimestampBuilder().setSeconds(1);
    ResourceClaim.Builder more = deleted.clone();
    more.getStatusBuilder().addReservedForBuilder().setResource("pods").setName("y").setUid("u2");
    judged(
        Validation.onStatusUpdate("status", deleted.build(), more.build()),
        bad("", "", "", "new entries may not be added while"));
  }

  @Test
  void claimsMeanOneDeviceAndEqualTolerations() {
    ResourceClaim claim =
        (ResourceClaim)
            Defaults.apply(
                Objects.of(
                    CLAIM.replace(
                        "deviceClassName: gpu", "deviceClassName: gpu, tolerations: [{key: a}]")));
    var exactly = claim.getSpec().getDevices().getRequests(0).getExactly();
    assertThat(exactly.getAllocationMode()).isEqualTo("ExactCount");
    assertThat(exactly.getCount()).isEqualTo(1);
    assertThat(exactly.getTolerations(0).getOperator()).isEqualTo("Equal");
    assertThat(claim.getSpec().getDevices().getRequests(1).getFirstAvailableList())
        .allSatisfy(one -> assertThat(one.getCount()).isEqualTo(1));
    assertThat(Defaults.apply(claim)).isEqualTo(claim);

    ResourceSlice slice =
        (ResourceSlice)
            Defaults.apply(
                Objects.of(
                    SLICE.replace(
                        "name: gpu-0",
                        "name: gpu-0, nodeAllocatableResourceMappings: {cpu: {capacityKey: memory}}")));
    assertThat(
            slice
                .getSpec()
                .getDevices(0)
                .getNodeAllocatableResourceMappingsOrThrow("cpu")
                .getAllocationMultiplier()
                .getString())
        .isEqualTo("1");
  }

  static Stream<Case> pods() {
    String pod =
        "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: ns, uid: u}, spec: {resourceClaims: [{name: gpu, resourceClaimName: mine}], containers: [{name: c, image: i, resources: {claims: [{name: gpu, request: r}]}}]}}";
    String claim = "{name: gpu, resourceClaimName: mine}";
    String use = "{name: gpu, request: r}";
    String at = "spec.containers[0].resources.claims";
    return Stream.of(
        good(pod, "", ""),
        good(pod, "resourceClaimName", "resourceClaimTemplateName"),
        good(pod, use, use + ", {name: gpu, request: s}"),
        bad(pod, "name: gpu, resource", "resource", "spec.resourceClaims[0].name: Required value"),
        bad(
            pod,
            claim,
            claim + ", " + claim,
            "spec.resourceClaims[1].name: Duplicate value: \"gpu\""),
        bad(
            pod,
            ", resourceClaimName: mine",
            "",
            "spec.resourceClaims[0]: Invalid value: {\"name\":\"gpu\"}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"),
        bad(
            pod,
            "resourceClaimName: mine",
            "resourceClaimName: mine, resourceClaimTemplateName: t",
            "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"),
        bad(
            pod,
            "mine",
            "Mine",
            "spec.resourceClaims[0].resourceClaimName: Invalid value: \"Mine\""),
        bad(
            pod,
            use,
            "{name: other}",
            at
                + "[0]: Not found: \"other\": must be one of the names in pod.spec.resourceClaims: gpu"),
        bad(pod, use, use + ", " + use, at + "[1]: Duplicate value: \"gpu/r\""),
        bad(pod, use, use + ", {name: gpu}", at + "[1]: Duplicate value: \"gpu\""),
        bad(pod, use, "{name: gpu}, " + use, at + "[1]: Duplicate value: \"gpu\""));
  }

  @ParameterizedTest
  @MethodSource("pods")
  void claimsOfPodsAreJudged(Case given) {
    newObjectsAreJudged(given);
  }
}
