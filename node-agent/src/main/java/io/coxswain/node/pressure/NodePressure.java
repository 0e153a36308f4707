package io.coxswain.node.pressure;

/// What a node can be short of, as its conditions say it.
public enum NodePressure {
  MEMORY(
      "MemoryPressure",
      "KubeletHasInsufficientMemory",
      "kubelet has insufficient memory available",
      "KubeletHasSufficientMemory",
      "kubelet has sufficient memory available",
      "NodeHasInsufficientMemory",
      "NodeHasSufficientMemory"),
  DISK(
      "DiskPressure",
      "KubeletHasDiskPressure",
      "kubelet has disk pressure",
      "KubeletHasNoDiskPressure",
      "kubelet has no disk pressure",
      "NodeHasDiskPressure",
      "NodeHasNoDiskPressure"),
  PID(
      "PIDPressure",
      "KubeletHasInsufficientPID",
      "kubelet has insufficient PID available",
      "KubeletHasSufficientPID",
      "kubelet has sufficient PID available",
      "NodeHasInsufficientPID",
      "NodeHasSufficientPID");

  private final String condition;
  private final String shortReason;
  private final String shortMessage;
  private final String fineReason;
  private final String fineMessage;
  private final String shortEvent;
  private final String fineEvent;

  NodePressure(
      String condition,
      String shortReason,
      String shortMessage,
      String fineReason,
      String fineMessage,
      String shortEvent,
      String fineEvent) {
    this.condition = condition;
    this.shortReason = shortReason;
    this.shortMessage = shortMessage;
    this.fineReason = fineReason;
    this.fineMessage = fineMessage;
    this.shortEvent = shortEvent;
    this.fineEvent = fineEvent;
  }

  /// The condition's type.
  public String condition() {
    return condition;
  }

  /// @param isShort the condition's status
  public String reason(boolean isShort) {
    return isShort ? shortReason : fineReason;
  }

  /// @param isShort the condition's status
  public String message(boolean isShort) {
    return isShort ? shortMessage : fineMessage;
  }

  /// Reason of the event that tells of the change.
  String event(boolean isShort) {
    return isShort ? shortEvent : fineEvent;
  }

  /// As in messages.
  @Override
  public String toString() {
    return condition;
  }
}
