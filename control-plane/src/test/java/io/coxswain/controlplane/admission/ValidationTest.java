package io.coxswain.controlplane.admission;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.coxswain.client.ApiError.Cause;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ValidationTest {

  /// @param causes `type field: message`, of which a message may be cut short by `…`
  record Case(String name, String object, List<String> causes) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case pod(String name, String spec, String... causes) {
    return new Case(
        name,
        "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: default}, spec: " + spec + "}",
        List.of(causes));
  }

  private static Case container(String name, String fields, String... causes) {
    return pod(name, "{containers: [{name: c, image: i, " + fields + "}]}", causes);
  }

  private static Case metadata(String name, String fields, String... causes) {
    return new Case(
        name, "{apiVersion: v1, kind: ConfigMap, metadata: {" + fields + "}}", List.of(causes));
  }

  private static Case deployment(String name, String spec, String... causes) {
    return new Case(
        name,
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: default}, spec: {"
            + spec
            + "}}",
        List.of(causes));
  }

  private static Case service(String name, String spec, String... causes) {
    return new Case(
        name,
        "{apiVersion: v1, kind: Service, metadata: {name: a, namespace: default}, spec: "
            + spec
            + "}",
        List.of(causes));
  }

  private static final String TEMPLATE =
      "template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c, image: i}]}}";
  private static final String SELECTOR = "selector: {matchLabels: {app: a}}, ";

  static List<Case> create() {
    return List.of(
        container("right", ""),
        metadata(
            "no name",
            "namespace: default",
            "Required metadata.name: Required value: name or generateName is required"),
        metadata(
            "bad name",
            "name: Big_Name, namespace: default",
            "Invalid metadata.name: Invalid value: \"Big_Name\": a lowercase RFC 1123 subdomain must consist of…"),
        metadata("no namespace", "name: a", "Required metadata.namespace: Required value"),
        metadata(
            "bad labels and annotations, both told",
            "name: a, namespace: default, labels: {'a b': x, k: '-'}, annotations: {'/x': ''}",
            "Invalid metadata.labels: Invalid value: \"a b\": name part must consist of…",
            "Invalid metadata.annotations: Invalid value: \"/x\": prefix part must be non-empty"),
        metadata(
            "bad owner",
            "name: a, namespace: default, ownerReferences: [{apiVersion: v1, kind: Pod, name: x}]",
            "Invalid metadata.ownerReferences[0].uid: Invalid value: \"\": must not be empty"),
        pod("no containers", "{}", "Required spec.containers: Required value"),
        pod(
            "no image and a bad name",
            "{containers: [{name: A}]}",
            "Invalid spec.containers[0].name: Invalid value: \"A\": a lowercase RFC 1123 label must…",
            "Required spec.containers[0].image: Required value"),
        pod(
            "duplicate names",
            "{containers: [{name: c, image: i}, {name: c, image: i}]}",
            "Duplicate spec.containers[1].name: Duplicate value: \"c\""),
        pod(
            "kernel parameters",
            "{containers: [{name: c, image: i}], securityContext: {sysctls: [{name: foo-, value: x}, {name: kernel/shmmax, value: '1'}, {name: net.ipv4.tcp_syncookies, value: '1'}, {name: bar.., value: '1'}, {name: '', value: '1'}, {name: kernel/shmmax, value: '1'}]}}",
            "Invalid spec.securityContext.sysctls[0].name: Invalid value: \"foo-\": must have at most 253 characters and match regex…",
            "Invalid spec.securityContext.sysctls[3].name: Invalid value: \"bar..\": must have at most…",
            "Required spec.securityContext.sysctls[4].name: Required value",
            "Duplicate spec.securityContext.sysctls[5].name: Duplicate value: \"kernel/shmmax\""),
        pod(
            "resources of the pod as a whole",
            "{resources: {requests: {cpu: 1, example.com/gpu: 1}, limits: {cpu: 2}, claims: [{name: x}]}, containers: [{name: c, image: i, resources: {limits: {cpu: 3}}}]}",
            "Forbidden spec.resources.claims: Forbidden: claims may not be set for Resources at pod-level",
            "NotSupported spec.resources.requests[example.com/gpu]: Unsupported value: \"example.com/gpu\":…",
            "Invalid spec.resources.requests[cpu]: Invalid value: \"1\": must be greater than or equal to aggregate container requests of 3",
            "Invalid spec.resources.containers[0][cpu].limits: Invalid value: \"3\": must be less than or equal to pod limits of 2"),
        container(
            "rules of starting again without a policy",
            "restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [1]}}]",
            "Required spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used"),
        container(
            "bad rules of starting again",
            "restartPolicy: Ever, restartPolicyRules: [{action: Stop, exitCodes: {operator: Out}}, {action: Restart}]",
            "NotSupported spec.containers[0].restartPolicy: Unsupported value: \"Ever\": supported values: \"Always\", \"Never\", \"OnFailure\"",
            "NotSupported spec.containers[0].restartPolicyRules[0].action: Unsupported value: \"Stop\": supported values: \"Restart\"",
            "NotSupported spec.containers[0].restartPolicyRules[0].exitCodes.operator: Unsupported value: \"Out\": supported values: \"In\", \"NotIn\"",
            "Required spec.containers[0].restartPolicyRules[1].exitCodes: Required value: must be specified"),
        pod(
            "users of its own beside the host's namespaces",
            "{hostUsers: false, hostNetwork: true, hostPID: true, hostIPC: true, containers: [{name: c, image: i}]}",
            "Forbidden spec.hostNetwork: Forbidden: when `hostUsers` is false",
            "Forbidden spec.HostPID: Forbidden: when `hostUsers` is false",
            "Forbidden spec.HostIPC: Forbidden: when `hostUsers` is false"),
        pod(
            "users of its own, and devices, which are not theirs",
            "{hostUsers: false, initContainers: [{name: a, image: i, volumeDevices: [{name: v, devicePath: /dev/a}]}], containers: [{name: c, image: i}, {name: d, image: i, volumeDevices: [{name: v, devicePath: /dev/b}]}], volumes: [{name: v, persistentVolumeClaim: {claimName: p}}]}",
            "Forbidden spec.initContainers[0].volumeDevices: Forbidden: when `hostUsers` is false",
            "Forbidden spec.containers[1].volumeDevices: Forbidden: when `hostUsers` is false"),
        pod(
            "users of its own, and devices of a container that is added",
            "{hostUsers: false, containers: [{name: c, image: i}], ephemeralContainers: [{name: e, image: i, volumeDevices: [{name: v, devicePath: /dev/a}]}], volumes: [{name: v, persistentVolumeClaim: {claimName: p}}]}",
            "Forbidden spec.ephemeralContainers[0].volumeDevices: Forbidden: when `hostUsers` is false",
            "Forbidden spec.ephemeralContainers: Forbidden: cannot be set on create"),
        pod(
            "the kernel's files for the node's own users",
            "{containers: [{name: c, image: i, securityContext: {procMount: Unmasked}}]}",
            "Invalid spec.containers[0].securityContext.procMount: Invalid value: \"Unmasked\": `hostUsers` must be false to use `Unmasked`"),
        pod(
            "the kernel's files for users of its own",
            "{hostUsers: false, containers: [{name: c, image: i, securityContext: {procMount: Unmasked}}]}"),
        pod(
            "AppArmor profiles",
            "{securityContext: {appArmorProfile: {type: Localhost}}, containers: [{name: c, image: i, securityContext: {appArmorProfile: {type: RuntimeDefault, localhostProfile: p}}}, {name: d, image: i, securityContext: {appArmorProfile: {type: Localhost, localhostProfile: ' p'}}}]}",
            "Required spec.securityContext.appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is Localhost",
            "Invalid spec.containers[0].securityContext.appArmorProfile.localhostProfile: Invalid value: \"p\": can only be set when AppArmor type is Localhost",
            "Invalid spec.containers[1].securityContext.appArmorProfile.localhostProfile: Invalid value: \" p\": must not be padded with whitespace"),
        pod(
            "mounts that are read-only with those below them",
            "{containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /a, recursiveReadOnly: Enabled}, {name: v, mountPath: /b, readOnly: true, recursiveReadOnly: IfPossible, mountPropagation: HostToContainer}, {name: v, mountPath: /c, readOnly: true, recursiveReadOnly: Enabled}, {name: v, mountPath: /d, recursiveReadOnly: Always}]}], volumes: [{name: v, emptyDir: {}}]}",
            "NotSupported spec.containers[0].volumeMounts[3].recursiveReadOnly: Unsupported value: \"Always\": supported values: \"Disabled\", \"Enabled\", \"IfPossible\"",
            "Forbidden spec.containers[0].volumeMounts[0].recursiveReadOnly: Forbidden: may only be specified when readOnly is true",
            "Forbidden spec.containers[0].volumeMounts[1].recursiveReadOnly: Forbidden: may only be specified when mountPropagation is None or not specified",
            "Forbidden spec.containers[0].volumeMounts[3].recursiveReadOnly: Forbidden: may only be specified when readOnly is true"),
        pod(
            "block devices",
            "{containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /a}], volumeDevices: [{name: v, devicePath: /a}, {name: w, devicePath: /b}, {name: w, devicePath: /b}, {name: x, devicePath: /c/../d}, {name: nope}, {devicePath: /e}]}], volumes: [{name: v, persistentVolumeClaim: {claimName: v}}, {name: w, persistentVolumeClaim: {claimName: w}}, {name: x, emptyDir: {}}]}",
            "Invalid spec.containers[0].volumeDevices[0].name: Invalid value: \"v\": must not already exist in volumeMounts",
            "Invalid spec.containers[0].volumeDevices[0].devicePath: Invalid value: \"/a\": must not already exist as a path in volumeMounts",
            "Invalid spec.containers[0].volumeDevices[2].name: Invalid value: \"w\": must be unique",
            "Invalid spec.containers[0].volumeDevices[2].devicePath: Invalid value: \"/b\": must be unique",
            "Invalid spec.containers[0].volumeDevices[3].name: Invalid value: \"x\": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode",
            "Invalid spec.containers[0].volumeDevices[3].devicePath: Invalid value: \"/c/../d\": can not contain backsteps ('..')",
            "NotFound spec.containers[0].volumeDevices[4].name: Not found: \"nope\"",
            "Required spec.containers[0].volumeDevices[4].devicePath: Required value",
            "Required spec.containers[0].volumeDevices[5].name: Required value"),
        pod(
            "block devices that are claims",
            "{containers: [{name: c, image: i, volumeDevices: [{name: v, devicePath: /dev/a}]}], initContainers: [{name: d, image: i, volumeDevices: [{name: v, devicePath: /dev/b}]}], volumes: [{name: v, persistentVolumeClaim: {claimName: v}}]}"),
        pod(
            "image volumes",
            "{containers: [{name: c, image: i}], volumes: [{name: v, image: {}}, {name: w, image: {reference: i, pullPolicy: Often}}]}",
            "Required spec.volumes[0].image.reference: Required value",
            "NotSupported spec.volumes[1].image.pullPolicy: Unsupported value: \"Often\": supported values: \"Always\", \"IfNotPresent\", \"Never\""),
        container(
            "port out of range, unknown protocol, name taken",
            "ports: [{containerPort: 0}, {containerPort: 70000, protocol: XTP}, {containerPort: 1, name: p}, {containerPort: 2, name: p}]",
            "Invalid spec.containers[0].ports[0].containerPort: Invalid value: 0: must be between 1 and 65535, inclusive",
            "Invalid spec.containers[0].ports[1].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
            "NotSupported spec.containers[0].ports[1].protocol: Unsupported value: \"XTP\": supported values: \"SCTP\", \"TCP\", \"UDP\"",
            "Duplicate spec.containers[0].ports[3].name: Duplicate value: \"p\""),
        container(
            "environment",
            "env: [{name: ''}, {name: 'a=b'}, {name: X, value: v, valueFrom: {fieldRef: {fieldPath: metadata.name}}}, {name: W, valueFrom: {}}, {name: Z, valueFrom: {fieldRef: {fieldPath: spec.foo}}}]",
            "Required spec.containers[0].env[0].name: Required value",
            "Invalid spec.containers[0].env[1].name: Invalid value: \"a=b\": a valid environment variable name…",
            "Invalid spec.containers[0].env[2].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty",
            "Invalid spec.containers[0].env[3].valueFrom: Invalid value: \"\": must specify one of:…",
            "NotSupported spec.containers[0].env[4].valueFrom.fieldRef.fieldPath: Unsupported value: \"spec.foo\":…"),
        container(
            "mounts",
            "volumeMounts: [{name: nope, mountPath: /a}, {name: nope, mountPath: /a, subPath: ../x}]",
            "NotFound spec.containers[0].volumeMounts[0].name: Not found: \"nope\"",
            "NotFound spec.containers[0].volumeMounts[1].name: Not found: \"nope\"",
            "Invalid spec.containers[0].volumeMounts[1].mountPath: Invalid value: \"/a\": must be unique",
            "Invalid spec.containers[0].volumeMounts[1].subPath: Invalid value: \"../x\": must not contain '..'"),
        container(
            "resources",
            "resources: {limits: {cpu: 1, memory: -1}, requests: {cpu: 2, memory: -1, example.com/x: 500m}}",
            "Invalid spec.containers[0].resources.limits[memory]: Invalid value: \"-1\": must be greater than or equal to 0",
            "Invalid spec.containers[0].resources.requests[memory]: Invalid value: \"-1\": must be greater than or equal to 0",
            "Invalid spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1",
            "Invalid spec.containers[0].resources.requests[example.com/x]: Invalid value: \"500m\": must be an integer"),
        container(
            "probes",
            "livenessProbe: {}, readinessProbe: {tcpSocket: {port: 0}, httpGet: {port: 80}}, startupProbe: {exec: {}, successThreshold: 2, periodSeconds: -1}",
            "Required spec.containers[0].livenessProbe: Required value: must specify a handler type",
            "Invalid spec.containers[0].readinessProbe.tcpSocket.port: Invalid value: 0: must be between 1 and 65535, inclusive",
            "Forbidden spec.containers[0].readinessProbe: Forbidden: may not specify more than 1 handler type",
            "Required spec.containers[0].startupProbe.exec.command: Required value",
            "Invalid spec.containers[0].startupProbe.successThreshold: Invalid value: 2: must be 1",
            "Invalid spec.containers[0].startupProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0"),
        pod(
            "volumes",
            "{containers: [{name: c, image: i}], volumes: [{name: v, emptyDir: {}, hostPath: {path: /a/../b}}, {name: v, secret: {}}, {name: w, configMap: {name: x, items: [{key: k, path: /abs}]}}]}",
            "Forbidden spec.volumes[0]: Forbidden: may not specify more than 1 volume type",
            "Invalid spec.volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'",
            "Duplicate spec.volumes[1].name: Duplicate value: \"v\"",
            "Required spec.volumes[1].secret.secretName: Required value",
            "Invalid spec.volumes[2].configMap.items[0].path: Invalid value: \"/abs\": must be a relative path"),
        pod(
            "policies",
            "{restartPolicy: Sometimes, dnsPolicy: None, terminationGracePeriodSeconds: -1, activeDeadlineSeconds: 0, containers: [{name: c, image: i, imagePullPolicy: Maybe}]}",
            "NotSupported spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"Never\", \"OnFailure\"",
            "Required spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None",
            "Invalid spec.terminationGracePeriodSeconds: Invalid value: -1: must be greater than or equal to 0",
            "Invalid spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive",
            "NotSupported spec.containers[0].imagePullPolicy: Unsupported value: \"Maybe\": supported values: \"Always\", \"IfNotPresent\", \"Never\""),
        pod(
            "scheduling",
            "{containers: [{name: c, image: i}], nodeSelector: {'b ad': x}, tolerations: [{operator: Exists, value: v}, {effect: NoSchedule, operator: Exists, tolerationSeconds: 3}], affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: []}}}}",
            "Invalid spec.nodeSelector: Invalid value: \"b ad\":…",
            "Invalid spec.tolerations[0].operator: Invalid value: \"Exists\": value must be empty when `operator` is 'Exists'",
            "Invalid spec.tolerations[1].effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set",
            "Required spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term"),
        deployment("right", SELECTOR + TEMPLATE),
        deployment("no selector", TEMPLATE, "Required spec.selector: Required value"),
        deployment(
            "empty selector",
            "selector: {}, " + TEMPLATE,
            "Invalid spec.selector: Invalid value: {}: empty selector is invalid for deployment"),
        deployment(
            "selector misses",
            "selector: {matchLabels: {app: b}}, " + TEMPLATE,
            "Invalid spec.template.metadata.labels: Invalid value: {\"app\":\"a\"}: `selector` does not match template `labels`"),
        deployment(
            "negative",
            "replicas: -1, minReadySeconds: -1, revisionHistoryLimit: -2, " + SELECTOR + TEMPLATE,
            "Invalid spec.replicas: Invalid value: -1: must be greater than or equal to 0",
            "Invalid spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0",
            "Invalid spec.revisionHistoryLimit: Invalid value: -2: must be greater than or equal to 0"),
        deployment(
            "no way to move",
            "strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}}, " + SELECTOR + TEMPLATE,
            "Invalid spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"0%\": may not be 0 when `maxSurge` is 0"),
        deployment(
            "recreate rolls not",
            "strategy: {type: Recreate, rollingUpdate: {}}, " + SELECTOR + TEMPLATE,
            "Forbidden spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"),
        deployment(
            "percent and deadline",
            "minReadySeconds: 10, progressDeadlineSeconds: 10, strategy: {rollingUpdate: {maxSurge: abc}}, "
                + SELECTOR
                + TEMPLATE,
            "Invalid spec.strategy.rollingUpdate.maxSurge: Invalid value: \"abc\": a valid percent string…",
            "Invalid spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds"),
        deployment(
            "template must stay",
            SELECTOR
                + "template: {metadata: {labels: {app: a}}, spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}",
            "NotSupported spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\""),
        service("right", "{ports: [{port: 80}]}"),
        service("no ports", "{}", "Required spec.ports: Required value"),
        service("headless needs none", "{clusterIP: None}"),
        service(
            "ports",
            "{clusterIP: 1.2.3, ports: [{port: 0}, {port: 80, name: x, nodePort: 30000}, {port: 80, name: w}]}",
            "Invalid spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
            "Required spec.ports[0].name: Required value",
            "Invalid spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive",
            "Forbidden spec.ports[1].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
            "Duplicate spec.ports[2]: Duplicate value: \"80/TCP\"",
            "Invalid spec.clusterIP: Invalid value: \"1.2.3\": must be empty, 'None', or a valid IP address"),
        service(
            "type",
            "{type: Odd, ports: [{port: 1}]}",
            "NotSupported spec.type: Unsupported value: \"Odd\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\""),
        new Case(
            "config keys",
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: d}, data: {'a/b': x, '..': w}}",
            List.of(
                "Invalid data[..]: Invalid value: \"..\": must not start with '..'",
                "Invalid data[a/b]: Invalid value: \"a/b\": a valid config key must consist of…")),
        new Case(
            "tls secret",
            "{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: a, namespace: d}}",
            List.of(
                "Required data[tls.crt]: Required value",
                "Required data[tls.key]: Required value")),
        new Case(
            "node taints",
            "{apiVersion: v1, kind: Node, metadata: {name: a}, spec: {taints: [{key: k, effect: Never}, {key: k, effect: Never}]}}",
            List.of(
                "NotSupported spec.taints[0].effect: Unsupported value: \"Never\":…",
                "NotSupported spec.taints[1].effect: Unsupported value: \"Never\":…",
                "Duplicate spec.taints[1]: Duplicate value: \"k:Never\"")),
        new Case(
            "event elsewhere",
            "{apiVersion: v1, kind: Event, metadata: {name: a, namespace: d}, involvedObject: {namespace: e}}",
            List.of(
                "Invalid involvedObject.namespace: Invalid value: \"e\": does not match event.namespace")),
        new Case(
            "event of no namespace elsewhere",
            "{apiVersion: v1, kind: Event, metadata: {name: a, namespace: d}, involvedObject: {kind: Node},"
                + " eventTime: 2026-01-01T00:00:00.000000Z, reportingComponent: a/b/c, action: a, reason: r}",
            List.of(
                "Invalid involvedObject.namespace: Invalid value: \"\": does not match event.namespace",
                "Invalid reportingComponent: Invalid value: \"a/b/c\":…",
                "Required reportingInstance: Required value")),
        new Case(
            "event by its other name",
            "{apiVersion: events.k8s.io/v1, kind: Event, metadata: {name: a, namespace: d}, regarding: {kind: Node},"
                + " eventTime: 2026-01-01T00:00:00.000000Z, reportingController: b, reportingInstance: i, action: a}",
            List.of(
                "Invalid involvedObject.namespace: Invalid value: \"\": does not match event.namespace",
                "Required reason: Required value")));
  }

  private static List<String> shown(List<Cause> causes) {
    return causes.stream()
        .map(cause ->
            cause.type().replace("FieldValue", "") + " " + cause.field() + ": " + cause.message())
        .toList();
  }

  private static void assertCauses(List<Cause> causes, List<String> expected) {
    List<String> found = shown(causes);
    assertThat(found).as("all of: " + String.join("\n", found)).hasSameSizeAs(expected);
    for (String cause : expected) {
      if (cause.endsWith("…")) {
        assertThat(found).anyMatch(one -> one.startsWith(cause.substring(0, cause.length() - 1)));
      } else {
        assertThat(found).contains(cause);
      }
    }
  }

  @ParameterizedTest
  @MethodSource
  void create(Case test) {
    Message object = Defaults.apply(Objects.of(test.object()));
    assertCauses(Validation.onCreate(object), test.causes());
  }

  /// An update in which `from` becomes `to`.
  record Change(String name, String object, String from, String to, List<String> causes) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Change> update() {
    String pod =
        "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: default, uid: u1}, spec: {nodeName: n1, hostname: h, activeDeadlineSeconds: 9, containers: [{name: c, image: i1}]}}";
    String deployment =
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: default, uid: u1}, spec: {"
            + SELECTOR
            + "template: {metadata: {labels: {app: a, x: z}}, spec: {containers: [{name: c, image: i1}]}}}}";
    String config =
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: d}, immutable: true, data: {k: v1}}";
    return List.of(
        new Change("nothing", pod, "x9", "x9", List.of()),
        new Change("image", pod, "i1", "i2", List.of()),
        new Change("shorter deadline", pod, "Seconds: 9", "Seconds: 8", List.of()),
        new Change(
            "longer deadline",
            pod,
            "Seconds: 9",
            "Seconds: 10",
            List.of(
                "Invalid spec.activeDeadlineSeconds: Invalid value: 10: must be less than or equal to previous value")),
        new Change(
            "host name",
            pod,
            "hostname: h",
            "hostname: g",
            List.of(
                "Forbidden spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,…")),
        new Change(
            "another container",
            pod,
            "{name: c, image: i1}",
            "{name: c, image: i1}, {name: d, image: i}",
            List.of(
                "Forbidden spec.containers: Forbidden: pod updates may not add or remove containers")),
        new Change(
            "uid",
            pod,
            "u1",
            "u2",
            List.of("Invalid metadata.uid: Invalid value: \"u2\": field is immutable")),
        new Change(
            "namespace",
            pod,
            "namespace: default",
            "namespace: other",
            List.of("Invalid metadata.namespace: Invalid value: \"other\": field is immutable")),
        new Change("template", deployment, "i1", "i2", List.of()),
        new Change(
            "selector",
            deployment,
            "matchLabels: {app: a}",
            "matchLabels: {x: z}",
            List.of(
                "Invalid spec.selector: Invalid value: {\"matchLabels\":{\"x\":\"z\"}}: field is immutable")),
        new Change(
            "immutable data",
            config,
            "v1}",
            "v2}",
            List.of("Forbidden data: Forbidden: field is immutable when `immutable` is set")),
        new Change(
            "immutable for good",
            config,
            "immutable: true",
            "immutable: false",
            List.of("Forbidden immutable: Forbidden: field is immutable when `immutable` is set")),
        new Change(
            "secret type",
            "{apiVersion: v1, kind: Secret, type: a, metadata: {name: a, namespace: d}}",
            "type: a",
            "type: b",
            List.of("Invalid type: Invalid value: \"b\": field is immutable")));
  }

  @ParameterizedTest
  @MethodSource
  void update(Change test) {
    Message before = Defaults.apply(Objects.of(test.object()));
    Message after = Defaults.apply(Objects.of(test.object().replace(test.from(), test.to())));
    assertCauses(Validation.onUpdate(before, after), test.causes());
  }

  /// @param object with its kind
  record Finalized(String object, List<String> causes) {}

  static List<Finalized> finalizers() {
    String no = ": name is neither a standard finalizer name nor is it fully qualified";
    String namespace = "apiVersion: v1, kind: Namespace, metadata: {name: a";
    return List.of(
        new Finalized(namespace + ", finalizers: [orphan, a.com/b]}", List.of()),
        new Finalized(
            namespace + ", finalizers: [mine]}",
            List.of("Invalid metadata.finalizers[0]: Invalid value: \"mine\"" + no)),
        new Finalized(namespace + "}, spec: {finalizers: [kubernetes, a.com/b]}", List.of()),
        new Finalized(
            namespace + "}, spec: {finalizers: [kubrnetes]}",
            List.of("Invalid spec.finalizers: Invalid value: \"kubrnetes\"" + no)),
        new Finalized(
            "apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole,"
                + " metadata: {name: a, finalizers: [mine]}",
            List.of("Invalid metadata.finalizers[0]: Invalid value: \"mine\"" + no)),
        new Finalized(
            "apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration,"
                + " metadata: {name: a, finalizers: [its.own]}",
            List.of()));
  }

  @ParameterizedTest
  @MethodSource
  void finalizers(Finalized test) {
    Message object = Defaults.apply(Objects.of("{" + test.object() + "}"));
    assertCauses(Validation.onCreate(object), test.causes());
  }

  @Test
  void aNamespaceIsFinalizedWithNamesThatSomebodyKnows() {
    String namespace =
        "{apiVersion: v1, kind: Namespace, metadata: {name: a}, spec: {finalizers: [kubernetes]}}";
    Message before = Objects.of(namespace);
    Message none = Objects.of(namespace.replace("[kubernetes]", "[]"));
    Message wrong = Objects.of(namespace.replace("[kubernetes]", "[kubernetes, 'a b']"));
    assertThat(Validation.onPartUpdate("finalize", before, none)).isEmpty();
    assertThat(Validation.onPartUpdate("finalize", before, wrong))
        .extracting(Cause::field)
        .containsOnly("spec.finalizers[1]");
  }

  @Test
  void aNamespacesPhaseFollowsFromItsDeletion() {
    String active =
        "{apiVersion: v1, kind: Namespace, metadata: {name: a}, status: {phase: Active}}";
    Message before = Objects.of(active);
    Message ends = Objects.of(active.replace("Active", "Terminating"));
    String marked = active.replace("name: a", "name: a, deletionTimestamp: '2026-01-01T00:00:00Z'");
    assertThat(Validation.onStatusUpdate("status", before, before)).isEmpty();
    assertCauses(
        Validation.onStatusUpdate("status", before, ends),
        List.of(
            "Invalid status.Phase: Invalid value: \"Terminating\": may only be 'Active' if"
                + " `deletionTimestamp` is empty"));
    assertCauses(
        Validation.onStatusUpdate("status", Objects.of(marked), Objects.of(marked)),
        List.of(
            "Invalid status.Phase: Invalid value: \"Active\": may only be 'Terminating' if"
                + " `deletionTimestamp` is not empty"));
  }

  @Test
  void marksThatAreWrittenWithAStatusAreChecked() {
    String node = "{apiVersion: v1, kind: Node, metadata: {name: a, labels: {os: linux}}}";
    Message before = Defaults.apply(Objects.of(node));
    Message label = Defaults.apply(Objects.of(node.replace("os: linux", "os: '!a,b!=c'")));
    Message note =
        Defaults.apply(Objects.of(node.replace("labels:", "annotations: {a b: x}, labels:")));
    assertThat(Validation.onStatusUpdate("status", before, label))
        .singleElement()
        .satisfies(cause -> assertThat(cause.field()).isEqualTo("metadata.labels"));
    assertThat(Validation.onStatusUpdate("status", before, note))
        .singleElement()
        .satisfies(cause -> assertThat(cause.field()).isEqualTo("metadata.annotations"));
    assertThat(Validation.onStatusUpdate("status", label, label)).isEmpty();
  }

  @Test
  void saysWhichFieldOfAPodChanged() {
    String pod =
        "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: d}, spec: {containers: [{name: c, image: i, args: [x]}]}}";
    Message before = Defaults.apply(Objects.of(pod));
    Message after = Defaults.apply(Objects.of(pod.replace("[x]", "[z]")));
    assertThat(Validation.onUpdate(before, after).getFirst().message())
        .endsWith("changed spec.containers[0].args");
  }

  @Test
  void warnsOfWhatIsProbablyNotMeant() {
    Message pod =
        Objects.of(
            "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: d}, spec: {containers: [{name: c, image: i, env: [{name: X}, {name: X}]}]}}");
    assertThat(Validation.warnings(pod))
        .containsExactly(
            "spec.containers[0].env[1]: hides previous definition of \"X\", which may be dropped when"
                + " using apply");
  }
}
