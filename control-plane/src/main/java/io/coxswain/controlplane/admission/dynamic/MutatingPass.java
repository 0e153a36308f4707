package io.coxswain.controlplane.admission.dynamic;

import com.google.protobuf.Message;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.authz.Authorizer;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Lets policies and then webhooks change the object of one request, one after the other. Those
/// that want to see what others made of it behind them are asked once more. Used by one thread.
public final class MutatingPass {

  private static final Logger log = LoggerFactory.getLogger(MutatingPass.class);
  private static final String MUTATION = "mutation.webhook.admission.k8s.io/";
  private static final String PATCH = "patch.webhook.admission.k8s.io/";

  private final DynamicAdmission admission;
  private final Surroundings surroundings;
  private final Selection selection;
  private final MutatingPolicies policies;
  private final Turns turns = new Turns();

  MutatingPass(DynamicAdmission admission, Surroundings surroundings, Authorizer authorizer) {
    this.admission = admission;
    this.surroundings = surroundings;
    this.selection = new Selection(surroundings, authorizer);
    this.policies = new MutatingPolicies(surroundings, authorizer);
  }

  /// The first round. Blocks while webhooks are asked.
  ///
  /// @throws ApiException when the request is refused
  public Attempt run(Attempt attempt) {
    return round(attempt, false);
  }

  /// Whether anything was changed, so that all that completes objects should see it again.
  public boolean wantsMore() {
    return turns.changed() || policies.changed();
  }

  /// The second and last round, of those who asked for it and have not seen the last change.
  public Attempt rerun(Attempt attempt) {
    return round(attempt, true);
  }

  private Attempt round(Attempt attempt, boolean again) {
    Rulebook.Asked asked = admission.asked(attempt);
    Attempt current = policies.round(asked.mutatingPolicies(), attempt, again);
    turns.begin(current, again);
    List<Rulebook.Match> matches = asked.mutating();
    for (int i = 0; i < matches.size(); i++) {
      Hook hook = matches.get(i).hook();
      if (!turns.isDue(hook.id(), again)) {
        continue;
      }
      Optional<Told> told = selection.told(matches.get(i), current);
      if (told.isEmpty()) {
        continue;
      }
      String place = "round_" + (again ? 1 : 0) + "_index_" + i;
      Attempt next = asked(hook, told.get(), current, place);
      turns.took(hook.id(), hook.isReinvocable(), !next.object().equals(current.object()));
      current = next;
    }
    turns.end(current);
    return current;
  }

  private Attempt asked(Hook hook, Told told, Attempt attempt, String place) {
    try {
      Verdict verdict = hook.ask(attempt, told.as(), told.object(), told.before());
      Attempt next = verdict.patch().isEmpty() ? attempt : patched(hook, told, attempt, verdict);
      ObjectNode note = note(hook);
      note.put("mutated", !next.object().equals(attempt.object()));
      attempt.notes().annotate(MUTATION + place, note.toString());
      if (!verdict.patch().isEmpty()) {
        attempt
            .notes()
            .annotate(
                PATCH + place,
                note(hook)
                    .putRawValue("patch", new tools.jackson.databind.util.RawValue(verdict.patch()))
                    .put("patchType", "JSONPatch")
                    .toString());
      }
      return next;
    } catch (Hook.UnreachableException e) {
      if (!hook.ignoresFailure()) {
        throw Selection.failed(e);
      }
      log.warn("A webhook is passed over, as its failure policy says: {}", e.getMessage());
      attempt.notes().annotate("failed-open." + MUTATION + place, hook.name());
      return attempt;
    }
  }

  private static ObjectNode note(Hook hook) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("configuration", hook.configuration())
        .put("webhook", hook.name());
  }

  private Attempt patched(Hook hook, Told told, Attempt attempt, Verdict verdict) {
    if (verdict.patch().strip().equals("[]")) {
      return attempt;
    }
    if (told.object().isEmpty()) {
      String why =
          "admission webhook \""
              + hook.name()
              + "\" attempted to modify the object, which is not supported for this operation";
      throw Selection.internal(why, new IllegalArgumentException(verdict.patch()));
    }
    try {
      Message changed = surroundings.patched(told.as(), told.object().get(), verdict.patch());
      return attempt.with(
          told.isConverted() ? surroundings.converted(changed, attempt.type()) : changed);
    } catch (ApiException e) {
      throw Selection.internal(String.valueOf(e.getMessage()), e);
    }
  }
}
