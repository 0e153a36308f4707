package io.coxswain.client.codec;

import io.coxswain.api.meta.v1.LabelSelector;
import io.coxswain.api.meta.v1.LabelSelectorRequirement;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.schema.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// The two small languages that choose objects: by labels (`app=web,tier in (a,b),!old`) and by
/// fields (`spec.nodeName=n1,status.phase!=Failed`).
public final class Selectors {

  private Selectors() {}

  /// Reads a label selector as it stands in a request; an empty one takes everything.
  ///
  /// @throws ApiException with BadRequest saying what is wrong with it
  public static LabelMatcher labels(String selector) {
    return new LabelSelectorParser(selector).parse();
  }

  /// The label selector of an object's spec. An empty one takes everything; where an absent one
  /// means "nothing", the caller tells them apart.
  ///
  /// @throws ApiException with BadRequest for an unknown operator, which validation refuses before
  public static LabelMatcher labels(LabelSelector selector) {
    List<LabelRequirement> requirements = new ArrayList<>();
    selector
        .getMatchLabelsMap()
        .forEach((key, value) ->
            requirements.add(
                new LabelRequirement(key, LabelRequirement.Operator.IN, Set.of(value))));
    for (LabelSelectorRequirement expression : selector.getMatchExpressionsList()) {
      requirements.add(
          new LabelRequirement(
              expression.getKey(),
              operator(expression.getOperator()),
              new TreeSet<>(expression.getValuesList())));
    }
    return new LabelMatcher(requirements);
  }

  private static LabelRequirement.Operator operator(String name) {
    return switch (name) {
      case "In" -> LabelRequirement.Operator.IN;
      case "NotIn" -> LabelRequirement.Operator.NOT_IN;
      case "Exists" -> LabelRequirement.Operator.EXISTS;
      case "DoesNotExist" -> LabelRequirement.Operator.DOES_NOT_EXIST;
      default ->
          throw new ApiException(
              new ApiError.BadRequest("\"" + name + "\" is not a valid label selector operator"));
    };
  }

  /// Exactly these labels, as a Service or a ReplicationController selects.
  public static LabelMatcher equalTo(Map<String, String> labels) {
    List<LabelRequirement> requirements = new ArrayList<>();
    labels.forEach((key, value) ->
        requirements.add(new LabelRequirement(key, LabelRequirement.Operator.IN, Set.of(value))));
    return new LabelMatcher(requirements);
  }

  /// Reads a field selector; an empty one takes everything.
  ///
  /// @throws ApiException with BadRequest when it is malformed or names a field by which the kind
  ///   cannot be selected
  public static FieldMatcher fields(ResourceType<?> type, String selector) {
    FieldMatcher matcher = FieldMatcher.parse(selector);
    for (FieldMatcher.Term term : matcher.terms()) {
      if (!FieldMatcher.isSelectable(type, term.field())) {
        throw new ApiException(
            new ApiError.BadRequest(
                "field label not supported: "
                    + term.field()
                    + ": "
                    + type.qualifiedPlural()
                    + " can be selected by "
                    + String.join(", ", FieldMatcher.selectable(type))));
      }
    }
    return matcher;
  }
}
