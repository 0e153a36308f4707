package io.coxswain.controlplane.admission;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.Pod;
import io.coxswain.api.core.v1.Secret;
import io.coxswain.api.core.v1.Service;
import io.coxswain.client.codec.Quantities;
import io.coxswain.schema.Schema;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefaultsTest {

  @Test
  void completesAPod() {
    Message pod =
        Objects.of(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: a, namespace: default}
            spec:
              containers:
              - name: c
                image: nginx
                resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 500m}}
                ports: [{containerPort: 80}]
                readinessProbe: {httpGet: {port: 80}}
              volumes:
              - name: empty
              - name: config
                configMap: {name: x}
            """);
    assertThat(Objects.yaml(Defaults.apply(pod)))
        .isEqualTo(
            """
            apiVersion: v1
            kind: Pod
            metadata:
              name: a
              namespace: default
            spec:
              containers:
              - image: nginx
                imagePullPolicy: Always
                name: c
                ports:
                - containerPort: 80
                  protocol: TCP
                readinessProbe:
                  failureThreshold: 3
                  httpGet:
                    path: /
                    port: 80
                    scheme: HTTP
                  periodSeconds: 10
                  successThreshold: 1
                  timeoutSeconds: 1
                resources:
                  limits:
                    cpu: "1"
                    memory: 1Gi
                  requests:
                    cpu: 500m
                    memory: 1Gi
                terminationMessagePath: /dev/termination-log
                terminationMessagePolicy: File
              dnsPolicy: ClusterFirst
              enableServiceLinks: true
              restartPolicy: Always
              schedulerName: default-scheduler
              securityContext: {}
              serviceAccount: default
              serviceAccountName: default
              terminationGracePeriodSeconds: 30
              tolerations:
              - effect: NoExecute
                key: node.kubernetes.io/not-ready
                operator: Exists
                tolerationSeconds: 5
              - effect: NoExecute
                key: node.kubernetes.io/unreachable
                operator: Exists
                tolerationSeconds: 5
              volumes:
              - emptyDir: {}
                name: empty
              - configMap:
                  defaultMode: 420
                  name: x
                name: config
            status: {}
            """);
  }

  @Test
  void completesADeployment() {
    Message deployment =
        Objects.of(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: a, namespace: default}
            spec:
              selector: {matchLabels: {app: a}}
              template:
                metadata: {labels: {app: a}}
                spec: {containers: [{name: c, image: "nginx:1.2"}]}
            """);
    assertThat(Objects.yaml(Defaults.apply(deployment)))
        .isEqualTo(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: a
              namespace: default
            spec:
              progressDeadlineSeconds: 600
              replicas: 1
              revisionHistoryLimit: 10
              selector:
                matchLabels:
                  app: a
              strategy:
                rollingUpdate:
                  maxSurge: 25%
                  maxUnavailable: 25%
                type: RollingUpdate
              template:
                metadata:
                  labels:
                    app: a
                spec:
                  containers:
                  - image: nginx:1.2
                    imagePullPolicy: IfNotPresent
                    name: c
                    resources: {}
                    terminationMessagePath: /dev/termination-log
                    terminationMessagePolicy: File
                  dnsPolicy: ClusterFirst
                  restartPolicy: Always
                  schedulerName: default-scheduler
                  securityContext: {}
                  terminationGracePeriodSeconds: 30
            status: {}
            """);
  }

  @Test
  void completesAService() {
    Service service =
        (Service)
            Defaults.apply(
                Objects.of(
                    """
                    apiVersion: v1
                    kind: Service
                    metadata: {name: a, namespace: default}
                    spec: {type: NodePort, sessionAffinity: ClientIP, ports: [{port: 80}]}
                    """));
    assertThat(service.getSpec().getPorts(0).getTargetPort().getIntVal()).isEqualTo(80);
    assertThat(service.getSpec().getPorts(0).getProtocol()).isEqualTo("TCP");
    assertThat(service.getSpec().getExternalTrafficPolicy()).isEqualTo("Cluster");
    assertThat(service.getSpec().getInternalTrafficPolicy()).isEqualTo("Cluster");
    assertThat(service.getSpec().getSessionAffinityConfig().getClientIP().getTimeoutSeconds())
        .isEqualTo(10800);
  }

  @ParameterizedTest
  @CsvSource({
    "nginx, Always",
    "nginx:latest, Always",
    "nginx:1, IfNotPresent",
    "localhost:5000/nginx, Always",
    "localhost:5000/nginx:1, IfNotPresent",
    "nginx@sha256:00, IfNotPresent",
    "host:///, IfNotPresent",
  })
  void pullsByTag(String image, String policy) {
    Pod pod =
        Pod.newBuilder()
            .setSpec(
                io.coxswain.api.core.v1.PodSpec.newBuilder()
                    .addContainers(Container.newBuilder().setName("c").setImage(image)))
            .build();
    assertThat(Defaults.apply(pod).getSpec().getContainers(0).getImagePullPolicy())
        .isEqualTo(policy);
  }

  @Test
  void stringDataIsAWayToWriteData() {
    Secret secret = Defaults.apply(Secret.newBuilder().putStringData("a", "x").build());
    assertThat(secret.getStringDataMap()).isEmpty();
    assertThat(secret.getDataOrThrow("a").toStringUtf8()).isEqualTo("x");
    assertThat(secret.getType()).isEqualTo("Opaque");
  }

  @Test
  void applyingAgainChangesNothing() {
    Schema.api()
        .types()
        .forEach(type -> {
          Message once = Defaults.apply((Message) type.prototype());
          assertThat(Defaults.apply(once)).as(type.toString()).isEqualTo(once);
        });
  }

  @Test
  void imagesThatAreVolumesArePulledAsOthersAre() {
    Message pod =
        Objects.of(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: a, namespace: default}
            spec:
              containers: [{name: c, image: i}]
              volumes:
              - {name: moves, image: {reference: registry/data}}
              - {name: stays, image: {reference: "registry/data:1"}}
              - {name: said, image: {reference: registry/data, pullPolicy: Never}}
            """);
    assertThat(((Pod) Defaults.apply(pod)).getSpec().getVolumesList())
        .extracting(volume -> volume.getVolumeSource().getImage().getPullPolicy())
        .containsExactly("Always", "IfNotPresent", "Never");
  }

  @Test
  void aPodAsAWholeAsksForWhatItsContainersDoOrForItsLimits() {
    Message pod =
        Objects.of(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: a, namespace: default}
            spec:
              resources: {limits: {cpu: 2, memory: 1Gi}}
              containers:
              - {name: c, image: i, resources: {requests: {cpu: 250m}}}
              - {name: d, image: i, resources: {limits: {cpu: 500m}}}
            """);
    assertThat(((Pod) Defaults.apply(pod)).getSpec().getResources().getRequestsMap())
        .containsOnly(
            Map.entry("cpu", Quantities.of("750m")), Map.entry("memory", Quantities.of("1Gi")));
  }
}
