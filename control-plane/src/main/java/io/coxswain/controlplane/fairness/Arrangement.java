package io.coxswain.controlplane.fairness;

import io.coxswain.api.flowcontrol.v1.FlowSchema;
import io.coxswain.api.flowcontrol.v1.FlowSchemaSpec;
import io.coxswain.controlplane.authz.Attributes;
import java.util.Comparator;
import java.util.List;

/// The flow schemas of one moment in the order in which they are asked, each with the level that
/// serves it. Immutable but for what the levels hold.
record Arrangement(List<Row> rows) {

  static final Comparator<FlowSchema> ORDER =
      Comparator.<FlowSchema>comparingInt(schema -> schema.getSpec().getMatchingPrecedence())
          .thenComparing(schema -> schema.getMetadata().getName());

  Arrangement {
    rows = List.copyOf(rows);
  }

  /// One schema.
  record Row(
      String schema,
      String schemaUid,
      FlowSchemaSpec spec,
      PriorityLevel level,
      String levelUid,
      FlowFigures figures) {

    private String distinguisher(Attributes request) {
      return switch (spec.getDistinguisherMethod().getType()) {
        case "ByUser" -> request.user().name();
        case "ByNamespace" -> request.namespace();
        default -> "";
      };
    }
  }

  /// The first schema that the request belongs to; the last one takes what nobody else does.
  Flow flow(Attributes request) {
    for (Row row : rows) {
      if (FlowMatch.matches(row.spec(), request)) {
        return new Flow(row, row.distinguisher(request));
      }
    }
    Row last = rows.getLast();
    return new Flow(last, last.distinguisher(request));
  }
}
