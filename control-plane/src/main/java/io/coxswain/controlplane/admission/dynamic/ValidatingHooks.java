package io.coxswain.controlplane.admission.dynamic;

import io.coxswain.client.ApiException;
import io.coxswain.client.lifecycle.Together;
import io.coxswain.controlplane.authz.Authorizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks webhooks that judge, all at once.
final class ValidatingHooks {

  private static final Logger log = LoggerFactory.getLogger(ValidatingHooks.class);
  private static final String FAILED_OPEN = "failed-open.validating.webhook.admission.k8s.io/";

  private final Surroundings surroundings;
  private final Authorizer authorizer;

  ValidatingHooks(Surroundings surroundings, Authorizer authorizer) {
    this.surroundings = surroundings;
    this.authorizer = authorizer;
  }

  private record Question(Hook hook, Told told) {}

  /// @throws ApiException with what the first of those who refuse says
  void judge(List<Rulebook.Match> matches, Attempt attempt) {
    Selection selection = new Selection(surroundings, authorizer);
    List<Question> questions = new ArrayList<>();
    for (Rulebook.Match match : matches) {
      Optional<Told> told = selection.told(match, attempt);
      told.ifPresent(there -> questions.add(new Question(match.hook(), there)));
    }
    if (questions.size() == 1) {
      ask(questions.getFirst(), attempt, 0);
    } else if (!questions.isEmpty()) {
      askAll(questions, attempt);
    }
  }

  private static void askAll(List<Question> questions, Attempt attempt) {
    List<Together.Step> steps = new ArrayList<>();
    for (int i = 0; i < questions.size(); i++) {
      int index = i;
      steps.add(() -> ask(questions.get(index), attempt, index));
    }
    try {
      Together.run(steps);
    } catch (ApiException refused) {
      throw refused;
    } catch (RuntimeException e) {
      throw new IllegalStateException("asking a webhook failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while webhooks are asked", e);
    }
  }

  private static void ask(Question question, Attempt attempt, int index) {
    Hook hook = question.hook();
    try {
      var _ =
          hook.ask(
              attempt, question.told().as(), question.told().object(), question.told().before());
    } catch (Hook.UnreachableException e) {
      if (!hook.ignoresFailure()) {
        throw Selection.failed(e);
      }
      log.warn("A webhook is passed over, as its failure policy says: {}", e.getMessage());
      attempt.notes().annotate(FAILED_OPEN + "round_0_index_" + index, hook.name());
    }
  }
}
