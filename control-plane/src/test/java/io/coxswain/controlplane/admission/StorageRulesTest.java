package io.coxswain.controlplane.admission;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What volumes, claims and classes may say, and what of them may change.
class StorageRulesTest {

  private static final String VOLUME =
      "{apiVersion: v1, kind: PersistentVolume, metadata: {name: a, uid: u}, spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /data}}}";
  private static final String LOCAL =
      "{apiVersion: v1, kind: PersistentVolume, metadata: {name: a, uid: u}, spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], local: {path: /data}, nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: k, operator: Exists}]}]}}}}";
  private static final String CLAIM =
      "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: a, namespace: d, uid: u}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}, status: {phase: Pending}}";
  private static final String BOUND =
      CLAIM
          .replace("spec: {", "spec: {volumeName: v, storageClassName: s, ")
          .replace("Pending", "Bound, capacity: {storage: 1Gi}");
  private static final String SET =
      "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: a, namespace: d}, spec: {serviceName: s, selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c, image: i, volumeMounts: [{name: data, mountPath: /d}]}]}}, volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]}}";
  private static final String DRIVER =
      "{apiVersion: storage.k8s.io/v1, kind: CSIDriver, metadata: {name: a}, spec: {tokenRequests: [{audience: vault}]}}";
  private static final String CLASS =
      "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: a, uid: u}, provisioner: p, parameters: {k: v}}";

  record Case(String name, String object, String from, String to, String problem) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> made() {
    return Stream.of(
        new Case("a volume", VOLUME, "", "", ""),
        new Case("a local one", LOCAL, "", "", ""),
        new Case("a claim", CLAIM, "", "", ""),
        new Case("claims of a set", SET, "", "", ""),
        new Case("a driver", DRIVER, "", "", ""),
        new Case("tokens for the server itself", DRIVER, "audience: vault", "audience: ''", ""),
        new Case(
            "a mount of no claim of a set",
            SET,
            "{name: data, mountPath",
            "{name: other, mountPath",
            "volumeMounts[0].name: Not found: \"other\""),
        new Case("no modes", VOLUME, "[ReadWriteOnce]", "[]", "spec.accessModes: Required value"),
        new Case(
            "no such mode",
            VOLUME,
            "[ReadWriteOnce]",
            "[ReadWriteTwice]",
            "spec.accessModes: Unsupported value: \"ReadWriteTwice\""),
        new Case(
            "one pod, and others",
            VOLUME,
            "[ReadWriteOnce]",
            "[ReadWriteOncePod, ReadWriteOnce]",
            "may not use ReadWriteOncePod with other access modes"),
        new Case("no capacity", VOLUME, "storage: 1Gi", "", "spec.capacity: Required value"),
        new Case("no size", VOLUME, "1Gi", "0", "must be greater than zero"),
        new Case(
            "another resource",
            VOLUME,
            "storage: 1Gi",
            "storage: 1Gi, cpu: 1",
            "spec.capacity: Unsupported value"),
        new Case("no source", VOLUME, "hostPath: {path: /data}", "", "must specify a volume type"),
        new Case(
            "two sources",
            VOLUME,
            "hostPath: {path: /data}",
            "hostPath: {path: /data}, nfs: {server: s, path: /x}",
            "may not specify more than 1 volume type"),
        new Case("a way up", VOLUME, "/data", "/data/../etc", "must not contain '..'"),
        new Case(
            "local anywhere",
            VOLUME,
            "hostPath",
            "local",
            "spec.nodeAffinity: Required value: Local volume requires node affinity"),
        new Case(
            "a claim without modes",
            CLAIM,
            "[ReadWriteOnce]",
            "[]",
            "spec.accessModes: Required value: at least 1 access mode is required"),
        new Case(
            "a claim on nothing",
            CLAIM,
            "storage: 1Gi",
            "",
            "spec.resources[storage]: Required value"));
  }

  @ParameterizedTest
  @MethodSource("made")
  void judgesWhatIsNew(Case c) {
    Message object = Defaults.apply(Objects.of(c.object.replace(c.from, c.to)));
    check(
        c.problem,
        Validation.onCreate(object).stream()
            .map(one -> one.field() + ": " + one.message())
            .toList());
  }

  private static void check(String problem, List<String> found) {
    if (problem.isEmpty()) {
      assertThat(found).isEmpty();
    } else {
      assertThat(found).anySatisfy(one -> assertThat(one).contains(problem));
    }
  }

  static Stream<Case> changed() {
    return Stream.of(
        new Case("another size", VOLUME, "1Gi", "2Gi", ""),
        new Case("reserved", VOLUME, "spec: {", "spec: {claimRef: {name: c, namespace: d}, ", ""),
        new Case(
            "another path", VOLUME, "/data", "/other", "spec.persistentvolumesource is immutable"),
        new Case("another place", LOCAL, "key: k", "key: z", "nodeAffinity: Invalid value"),
        new Case("bound", CLAIM, "spec: {", "spec: {volumeName: v, ", ""),
        new Case(
            "a class where there was none", CLAIM, "spec: {", "spec: {storageClassName: s, ", ""),
        new Case(
            "another class",
            BOUND,
            "storageClassName: s",
            "storageClassName: z",
            "spec is immutable after creation"),
        new Case(
            "another volume",
            BOUND,
            "volumeName: v",
            "volumeName: w",
            "spec is immutable after creation"),
        new Case(
            "larger before it is bound",
            CLAIM,
            "requests: {storage: 1Gi",
            "requests: {storage: 2Gi",
            "spec is immutable after creation"),
        new Case("larger", BOUND, "requests: {storage: 1Gi", "requests: {storage: 2Gi", ""),
        new Case(
            "smaller",
            BOUND,
            "requests: {storage: 1Gi",
            "requests: {storage: 1Mi",
            "field can not be less than status.capacity"),
        new Case(
            "a class says more",
            CLASS,
            "provisioner: p",
            "provisioner: p, allowVolumeExpansion: true",
            ""),
        new Case(
            "another provisioner",
            CLASS,
            "provisioner: p",
            "provisioner: q",
            "provisioner: Invalid value: \"q\": field is immutable"),
        new Case(
            "other parameters", CLASS, "k: v", "k: w", "updates to parameters are forbidden."));
  }

  @ParameterizedTest
  @MethodSource("changed")
  void judgesChanges(Case c) {
    Message before = Defaults.apply(Objects.of(c.object));
    Message after = Defaults.apply(Objects.of(c.object.replace(c.from, c.to)));
    check(
        c.problem,
        Validation.onUpdate(before, after).stream()
            .map(one -> one.field() + ": " + one.message())
            .toList());
  }
}
