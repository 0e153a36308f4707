package io.coxswain.controlplane.admission.plugin;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.api.core.v1.Namespace;
import io.coxswain.api.resource.v1.ResourceClaim;
import io.coxswain.api.resource.v1.ResourceClaimTemplate;
import io.coxswain.client.ApiException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Who may look after devices that others use.
final class DeviceAdminsTest {

  private static final String NEEDED =
      "Forbidden: admin access to devices requires the `resource.kubernetes.io/admin-access: true`"
          + " label on the containing namespace";
  private static final String SPEC =
      "{devices: {requests: [{name: a, firstAvailable: [{name: b, deviceClassName: gpu}]},"
          + " {name: c, exactly: {deviceClassName: gpu, adminAccess: %s}}]}}";

  private final FakeObjects objects = new FakeObjects();
  private final DeviceAdmins admins = new DeviceAdmins();

  private static ResourceClaim claim(String namespace, String access, String status) {
    return Requests.object(
        ResourceClaim.class,
        "metadata: {name: c, namespace: %s}\nspec: %s\nstatus: %s"
            .formatted(namespace, SPEC.formatted(access), status));
  }

  private static String allocated(String access) {
    return "{allocation: {devices: {results: [{request: c, driver: d, pool: p, device: e,"
        + " adminAccess: %s}]}}}".formatted(access);
  }

  private void home(String name, String labels) {
    var _ =
        objects.with(
            Requests.object(
                Namespace.class, "metadata: {name: %s, labels: {%s}}".formatted(name, labels)));
  }

  @Test
  void onlyMarkedNamespacesAskForIt() {
    home("plain", "");
    home("marked", "resource.kubernetes.io/admin-access: \"true\"");
    home("denied", "resource.kubernetes.io/admin-access: \"false\"");
    admins.validate(Requests.create(claim("plain", "false", "{}")), objects);
    admins.validate(Requests.create(claim("marked", "true", "{}")), objects);
    for (String home : new String[] {"plain", "denied", "none"}) {
      assertThatThrownBy(() -> admins.validate(Requests.create(claim(home, "true", "{}")), objects))
          .isInstanceOf(ApiException.class)
          .hasMessageContaining("spec.devices.requests[1].adminAccess: " + NEEDED);
    }
    ResourceClaimTemplate template =
        Requests.object(
            ResourceClaimTemplate.class,
            "metadata: {name: c, namespace: plain}\nspec: {spec: %s}"
                .formatted(SPEC.formatted("true")));
    assertThatThrownBy(() -> admins.validate(Requests.create(template), objects))
        .hasMessageContaining("ResourceClaimTemplate.resource.k8s.io \"c\" is invalid")
        .hasMessageContaining(NEEDED);
  }

  @Test
  void onlyMarkedNamespacesGetIt() {
    home("plain", "");
    home("marked", "resource.kubernetes.io/admin-access: \"true\"");
    written("plain", "{}", allocated("false"));
    written("marked", "{}", allocated("true"));
    written("plain", allocated("true"), allocated("true"));
    assertThatThrownBy(() -> written("plain", "{}", allocated("true")))
        .hasMessageContaining("status.allocation.devices.results[0].adminAccess: " + NEEDED);
  }

  private void written(String namespace, String before, String after) {
    admins.validateStatus(
        Requests.request(
            claim(namespace, "false", after),
            Optional.of(claim(namespace, "false", before)),
            "status"),
        objects);
  }
}
