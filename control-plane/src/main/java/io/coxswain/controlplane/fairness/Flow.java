package io.coxswain.controlplane.fairness;

/// Where a request belongs. Flows of one schema are told apart by their distinguisher: a user's
/// name, a namespace, or nothing.
public final class Flow {

  private final Arrangement.Row row;
  private final String distinguisher;

  Flow(Arrangement.Row row, String distinguisher) {
    this.row = row;
    this.distinguisher = distinguisher;
  }

  Arrangement.Row row() {
    return row;
  }

  String distinguisher() {
    return distinguisher;
  }

  /// Of the FlowSchema's object; empty before it is stored.
  public String schemaUid() {
    return row.schemaUid();
  }

  /// Of the PriorityLevelConfiguration's object; empty before it is stored.
  public String levelUid() {
    return row.levelUid();
  }

  public String schema() {
    return row.schema();
  }

  public String level() {
    return row.level().name();
  }

  /// The most seats that one request of this level sits on.
  public int mostSeats() {
    return row.level().mostSeats();
  }
}
