package io.coxswain.controlplane.registry;

import io.coxswain.api.apiextensions.v1.CustomResourceDefinition;
import io.coxswain.api.apiextensions.v1.ServiceReference;
import io.coxswain.api.apiextensions.v1.WebhookClientConfig;
import io.coxswain.controlplane.webhook.WebhookClient;
import io.coxswain.controlplane.webhook.WebhookPlace;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;

/// Conversions as the definitions ask for: by name alone, or by a webhook at a URL or at a Service.
public final class ConversionWebhooks implements Conversions {

  /// As in Kubernetes.
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /// Where a Service answers at this moment.
  @FunctionalInterface
  public interface Services {
    /// @throws IOException when nowhere
    WebhookPlace find(ServiceReference service) throws IOException;
  }

  private final Services services;

  public ConversionWebhooks(Services services) {
    this.services = services;
  }

  @Override
  public VersionConversion of(CustomResourceDefinition definition) {
    if (!definition.getSpec().getConversion().getStrategy().equals("Webhook")) {
      return VersionConversion.NAME_ONLY;
    }
    WebhookClientConfig config =
        definition.getSpec().getConversion().getWebhook().getClientConfig();
    return new WebhookConversion(
        definition.getSpec().getGroup(),
        review ->
            new WebhookClient(config.getCaBundle().toByteArray(), PATIENCE)
                .post(place(config), review),
        () -> UUID.randomUUID().toString());
  }

  private WebhookPlace place(WebhookClientConfig config) throws IOException {
    return config.hasUrl() ? WebhookPlace.of(config.getUrl()) : services.find(config.getService());
  }
}
