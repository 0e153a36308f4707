package io.coxswain.controlplane.admission.dynamic;

import io.coxswain.api.admissionregistration.v1.ServiceReference;
import io.coxswain.controlplane.webhook.WebhookPlace;
import java.io.IOException;

/// Where a Service answers at this moment.
@FunctionalInterface
public interface Places {

  /// @throws IOException when nowhere
  WebhookPlace find(ServiceReference service) throws IOException;
}
