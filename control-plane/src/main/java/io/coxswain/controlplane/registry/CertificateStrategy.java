package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.certificates.v1.CertificateSigningRequest;
import io.coxswain.api.certificates.v1.CertificateSigningRequestCondition;
import io.coxswain.api.certificates.v1.CertificateSigningRequestStatus;
import io.coxswain.api.certificates.v1.ExtraValue;
import io.coxswain.api.meta.v1.Time;
import io.coxswain.client.codec.Times;
import io.coxswain.controlplane.authn.User;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/// Requests for certificates: they say who made them, and are never asked again in other words. Who
/// approves writes the conditions; who signs writes everything of the status but the approval.
final class CertificateStrategy implements Strategy {

  private static final List<String> APPROVALS = List.of("Approved", "Denied");

  private final InstantSource clock;

  CertificateStrategy(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public boolean countsGenerations() {
    return false;
  }

  @Override
  public Message authored(Message object, Optional<User> author) {
    CertificateSigningRequest.Builder request = ((CertificateSigningRequest) object).toBuilder();
    var spec = request.getSpecBuilder().clearUsername().clearUid().clearGroups().clearExtra();
    author.ifPresent(user -> {
      spec.setUsername(user.name()).setUid(user.uid()).addAllGroups(user.groups());
      user.extra()
          .forEach((key, values) ->
              spec.putExtra(key, ExtraValue.newBuilder().addAllItems(values).build()));
    });
    return request.build();
  }

  @Override
  public Message prepareUpdate(Message before, Message after) {
    return ((CertificateSigningRequest) after)
        .toBuilder().setSpec(((CertificateSigningRequest) before).getSpec()).build();
  }

  @Override
  public Message prepareStatusUpdate(String part, Message before, Message after) {
    CertificateSigningRequest old = (CertificateSigningRequest) before;
    CertificateSigningRequest.Builder changed = ((CertificateSigningRequest) after).toBuilder();
    if (part.equals("approval")) {
      CertificateSigningRequestStatus.Builder kept = old.getStatus().toBuilder();
      kept.clearConditions().addAllConditions(changed.getStatus().getConditionsList());
      changed.setStatus(kept);
    } else {
      APPROVALS.forEach(type -> keep(type, old, changed.getStatusBuilder()));
    }
    date(old.getStatus().getConditionsList(), changed.getStatusBuilder());
    return changed.build();
  }

  /// Approvals stay word by word as they were; the rules see to it when there are more or fewer.
  private static void keep(
      String type, CertificateSigningRequest old, CertificateSigningRequestStatus.Builder changed) {
    List<CertificateSigningRequestCondition> known =
        old.getStatus().getConditionsList().stream()
            .filter(condition -> condition.getType().equals(type))
            .toList();
    long wanted =
        changed.getConditionsList().stream().filter(c -> c.getType().equals(type)).count();
    if (wanted != known.size()) {
      return;
    }
    Iterator<CertificateSigningRequestCondition> next = known.iterator();
    for (int i = 0; i < changed.getConditionsCount(); i++) {
      if (changed.getConditions(i).getType().equals(type)) {
        changed.setConditions(i, next.next());
      }
    }
  }

  /// Conditions that do not say when they were written, or came about, get it said.
  private void date(
      List<CertificateSigningRequestCondition> old,
      CertificateSigningRequestStatus.Builder changed) {
    Time now = Times.time(clock.instant());
    for (CertificateSigningRequestCondition.Builder condition :
        changed.getConditionsBuilderList()) {
      if (!condition.hasLastUpdateTime()) {
        condition.setLastUpdateTime(now);
      }
      if (!condition.hasLastTransitionTime()) {
        condition.setLastTransitionTime(
            old.stream()
                .filter(known ->
                    known.getType().equals(condition.getType())
                        && known.getStatus().equals(condition.getStatus())
                        && known.hasLastTransitionTime())
                .findFirst()
                .map(CertificateSigningRequestCondition::getLastTransitionTime)
                .orElse(now));
      }
    }
  }
}
