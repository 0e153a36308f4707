package io.coxswain.controlplane.admission.dynamic;

import com.google.protobuf.Message;
import io.coxswain.client.ApiException;
import io.coxswain.controlplane.authz.Authorizer;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Lets webhooks change the object of one request, one after the other. Those that want to see what
/// others made of it behind them are asked once more. Used by one thread.
public final class MutatingPass {

  private static final Logger log = LoggerFactory.getLogger(MutatingPass.class);
  private static final String MUTATION = "mutation.webhook.admission.k8s.io/";
  private static final String PATCH = "patch.webhook.admission.k8s.io/";

  private final DynamicAdmission admission;
  private final Surroundings surroundings;
  private final Selection selection;
  private final Set<String> asked = new HashSet<>();
  private final Set<String> due = new HashSet<>();
  private @Nullable Attempt last;
  private boolean changed;

  MutatingPass(DynamicAdmission admission, Surroundings surroundings, Authorizer authorizer) {
    this.admission = admission;
    this.surroundings = surroundings;
    this.selection = new Selection(surroundings, authorizer);
  }

  /// The first round. Blocks while webhooks are asked.
  ///
  /// @throws ApiException when the request is refused
  public Attempt run(Attempt attempt) {
    return round(attempt, 0);
  }

  /// Whether anything was changed, so that all that completes objects should see it again.
  public boolean wantsMore() {
    return changed;
  }

  /// The second and last round, of those who asked for it and have not seen the last change.
  public Attempt rerun(Attempt attempt) {
    Attempt before = last;
    if (before != null && !before.object().equals(attempt.object())) {
      requireAgain();
    }
    return round(attempt, 1);
  }

  private Attempt round(Attempt attempt, int round) {
    Attempt current = attempt;
    List<Rulebook.Match> matches = admission.asked(attempt).mutating();
    for (int i = 0; i < matches.size(); i++) {
      Rulebook.Match match = matches.get(i);
      Hook hook = match.hook();
      if (round > 0 && !due.contains(hook.id())) {
        continue;
      }
      Optional<Told> told = selection.told(match, current);
      if (told.isEmpty()) {
        continue;
      }
      String place = "round_" + round + "_index_" + i;
      Attempt next = asked(hook, told.get(), current, place);
      if (!next.object().equals(current.object())) {
        requireAgain();
        changed = true;
      }
      if (hook.isReinvocable()) {
        asked.add(hook.id());
      }
      current = next;
    }
    last = current;
    return current;
  }

  /// Something changed behind those who were asked so far.
  private void requireAgain() {
    due.addAll(asked);
    asked.clear();
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
