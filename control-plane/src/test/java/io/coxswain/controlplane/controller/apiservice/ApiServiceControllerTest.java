package io.coxswain.controlplane.controller.apiservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.api.apiextensions.v1.CustomResourceDefinition;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinitionCondition;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinitionSpec;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinitionStatus;
import io.coxswain.api.apiextensions.v1.CustomResourceDefinitionVersion;
import io.coxswain.api.apiregistration.v1.APIService;
import io.coxswain.api.apiregistration.v1.APIServiceCondition;
import io.coxswain.api.apiregistration.v1.ServiceReference;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ApiServiceControllerTest {

  private static final Instant NOW = Instant.parse("2026-11-24T00:00:00Z");

  private static CustomResourceDefinition definition(String established) {
    return CustomResourceDefinition.newBuilder()
        .setSpec(
            CustomResourceDefinitionSpec.newBuilder()
                .setGroup("stable.example.com")
                .addVersions(
                    CustomResourceDefinitionVersion.newBuilder().setName("v1").setServed(true))
                .addVersions(CustomResourceDefinitionVersion.newBuilder().setName("v1alpha1")))
        .setStatus(
            CustomResourceDefinitionStatus.newBuilder()
                .addConditions(
                    CustomResourceDefinitionCondition.newBuilder()
                        .setType("Established")
                        .setStatus(established)))
        .build();
  }

  @Test
  void eachVersionOfEachGroupHasOne() {
    assertThat(ApiServiceController.served(List.of()).keySet())
        .contains("v1.", "v1.apps", "v2.autoscaling", "v1.apiregistration.k8s.io")
        .doesNotHaveDuplicates();
  }

  @Test
  void whatPeopleDefineIsAmongThemWhileItIsServed() {
    assertThat(ApiServiceController.served(List.of(definition("True"))))
        .containsKey("v1.stable.example.com")
        .doesNotContainKey("v1alpha1.stable.example.com");
    assertThat(ApiServiceController.served(List.of(definition("False"))))
        .doesNotContainKey("v1.stable.example.com");
  }

  @Test
  void whatIsServedHereIsAvailable() {
    APIService service = new ServedVersion("apps", "v1", false).object();

    APIService said = Availability.corrected(service, NOW).orElseThrow();

    assertThat(said.getStatus().getConditionsList())
        .extracting(APIServiceCondition::getStatus, APIServiceCondition::getReason)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("True", "Local"));
    assertThat(Availability.corrected(said, NOW.plusSeconds(60))).isEmpty();
  }

  @Test
  void whetherAServiceAnswersIsLeftToWhoAsksIt() {
    APIService.Builder service =
        new ServedVersion("wardle.example.com", "v1", true).object().toBuilder();
    service.getSpecBuilder().setService(ServiceReference.newBuilder().setName("api"));

    assertThat(Availability.corrected(service.build(), NOW)).isEmpty();
  }
}
