package io.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A program in a pod reaches the API as its service account, with nothing but what it finds there.
@ExtendWith({OneNode.class, FailureLogs.class})
final class InsidePodTest {

  @Test
  void aPodIsItsServiceAccountAndMayWhatRolesAllowIt(TestCluster cluster) {
    // all at once, as people do: the account of the namespace comes a moment later
    cluster
        .kubectlWith(
            """
            apiVersion: v1
            kind: Namespace
            metadata: {name: inside}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: view, namespace: inside}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
            subjects: [{kind: ServiceAccount, name: default, namespace: inside}]
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: ask, namespace: inside}
            spec:
              restartPolicy: Never
              containers:
                - name: main
                  image: host:///
                  command: [sh, -c]
                  args:
                    - |
                      cd /var/run/secrets/kubernetes.io/serviceaccount
                      ask() {
                        curl -sS --retry 5 --retry-connrefused --cacert ca.crt -o /tmp/answer -w '%{http_code}\\n' \\
                          -H "Authorization: Bearer $(cat token)" "$1"
                      }
                      ask "https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT/api/v1/namespaces/$(cat namespace)/pods"
                      ask https://kubernetes.default.svc/api/v1/namespaces/default/secrets
                      grep -o 'User .*list' /tmp/answer
            """,
            "apply", "-f", "-")
        .succeeded();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                cluster
                    .kubectl("-n", "inside", "get", "pod", "ask", "-o", "jsonpath={.status.phase}")
                    .out(),
            "Succeeded"::equals);
    assertThat(cluster.kubectl("-n", "inside", "logs", "ask").out().strip())
        .isEqualTo(
            """
            200
            403
            User \\"system:serviceaccount:inside:default\\" cannot list\
            """);
  }
}
