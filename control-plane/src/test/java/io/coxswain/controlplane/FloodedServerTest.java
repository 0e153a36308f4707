package io.coxswain.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.coxswain.api.coordination.v1.Lease;
import io.coxswain.api.coordination.v1.LeaseSpec;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.flowcontrol.v1.FlowSchema;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.api.rbac.v1.ClusterRoleBinding;
import io.coxswain.api.rbac.v1.RoleRef;
import io.coxswain.api.rbac.v1.Subject;
import io.coxswain.client.ApiClient;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.ListOptions;
import io.coxswain.client.Resources;
import io.coxswain.controlplane.authn.User;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Many clients ask for more than the server can do: who keeps the cluster alive is served all the
/// same.
class FloodedServerTest {

  private static final int CLIENTS = 400;
  private static final int RENEWALS = 40;
  private static final long PAUSE_NANOS = 1_000_000;
  private static final User LOUD = User.of("loud", List.of());

  @TempDir Path folder;

  private final LongAdder answered = new LongAdder();
  private final LongAdder refused = new LongAdder();

  @Test
  void aNodesLeaseAndTheLeadersAreRenewedUnderAFlood() throws Exception {
    PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    ControlPlaneOptions options =
        ControlPlaneOptions.inMemory(folder)
            .withoutControllers()
            .serving(ServingOptions.DEFAULT.withSeats(12));
    AtomicBoolean over = new AtomicBoolean();
    List<Thread> flood = new ArrayList<>();
    try (ControlPlane plane = ControlPlane.start(options, metrics)) {
      fill(plane);
      for (int i = 0; i < CLIENTS; i++) {
        ApiClient client = plane.localClient(LOUD);
        flood.add(Thread.ofVirtual().start(() -> ask(client, over)));
      }
      await().atMost(Duration.ofMinutes(1)).until(() -> refused.sum() > 0 && answered.sum() > 0);

      renew(plane, User.node("n1"), "kube-node-lease", "n1");
      renew(plane, User.of("system:kube-scheduler", List.of()), "kube-system", "kube-scheduler");

      over.set(true);
      for (Thread one : flood) {
        one.join();
      }
      assertThat(metrics.scrape())
          .contains("apiserver_flowcontrol_rejected_requests_total{")
          .contains("apiserver_flowcontrol_nominal_limit_seats{priority_level=\"node-high\"}");
    } finally {
      over.set(true);
    }
  }

  /// Every one of these must come back without a refusal.
  private static void renew(ControlPlane plane, User user, String namespace, String name) {
    Resources<Lease> leases = plane.localClient(user).resources(Lease.class);
    Lease lease =
        leases.create(
            Lease.newBuilder()
                .setMetadata(ObjectMeta.newBuilder().setNamespace(namespace).setName(name))
                .setSpec(LeaseSpec.newBuilder().setHolderIdentity(name))
                .build());
    for (int i = 1; i <= RENEWALS; i++) {
      lease =
          leases.update(
              lease.toBuilder()
                  .setSpec(LeaseSpec.newBuilder().setHolderIdentity(name).setLeaseTransitions(i))
                  .build());
    }
    assertThat(lease.getSpec().getLeaseTransitions()).isEqualTo(RENEWALS);
  }

  private static void fill(ControlPlane plane) throws InterruptedException {
    ApiClient admin = plane.localClient(User.ADMINISTRATOR);
    ClusterRoleBinding _ =
        admin
            .resources(ClusterRoleBinding.class)
            .create(
                ClusterRoleBinding.newBuilder()
                    .setMetadata(ObjectMeta.newBuilder().setName("loud"))
                    .setRoleRef(
                        RoleRef.newBuilder()
                            .setApiGroup("rbac.authorization.k8s.io")
                            .setKind("ClusterRole")
                            .setName("cluster-admin"))
                    .addSubjects(
                        Subject.newBuilder()
                            .setApiGroup("rbac.authorization.k8s.io")
                            .setKind("User")
                            .setName(LOUD.name()))
                    .build());
    Resources<ConfigMap> maps = admin.resources(ConfigMap.class);
    for (int i = 0; i < 300; i++) {
      ConfigMap _ =
          maps.create(
              ConfigMap.newBuilder()
                  .setMetadata(ObjectMeta.newBuilder().setNamespace("default").setName("map-" + i))
                  .putData("key", "x".repeat(2000))
                  .build());
    }
    await()
        .until(() ->
            admin.resources(FlowSchema.class).list(ListOptions.ALL).items().stream()
                    .filter(one -> one.getStatus().getConditionsCount() > 0)
                    .count()
                == 11);
  }

  private void ask(ApiClient client, AtomicBoolean over) {
    while (!over.get()) {
      try {
        var _ = client.resources(ConfigMap.class).list(ListOptions.in("default"));
        answered.increment();
      } catch (ApiException e) {
        if (e.error() instanceof ApiError.TooManyRequests) {
          refused.increment();
          LockSupport.parkNanos(PAUSE_NANOS);
        } else {
          answered.increment();
        }
      }
    }
  }
}
