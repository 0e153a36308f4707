package io.coxswain.kubectl.config;

/// One of the three lists of a kubeconfig file, of entries that have a name each.
public enum Section {
  CLUSTERS("clusters", "cluster"),
  CONTEXTS("contexts", "context"),
  USERS("users", "user");

  private final String list;
  private final String field;

  Section(String list, String field) {
    this.list = list;
    this.field = field;
  }

  /// The list's field in the file.
  public String list() {
    return list;
  }

  /// What an entry holds beside its name.
  public String field() {
    return field;
  }
}
