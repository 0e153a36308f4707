package io.coxswain.client;

/// Which objects a list or watch is about. Empty strings and zero mean "not set", as in the REST
/// API.
///
/// @param resourceVersion a list: not older than this, `0` for whatever is at hand; a watch: events
///   after it
/// @param limit objects a page; 0 for all
public record ListOptions(
    String namespace,
    String labelSelector,
    String fieldSelector,
    String resourceVersion,
    int limit,
    String continueToken,
    boolean bookmarks) {

  /// Everything of the kind in all namespaces.
  public static final ListOptions ALL = new ListOptions("", "", "", "", 0, "", false);

  public static ListOptions in(String namespace) {
    return new ListOptions(namespace, "", "", "", 0, "", false);
  }

  public ListOptions withLabels(String selector) {
    return new ListOptions(
        namespace, selector, fieldSelector, resourceVersion, limit, continueToken, bookmarks);
  }

  public ListOptions withFields(String selector) {
    return new ListOptions(
        namespace, labelSelector, selector, resourceVersion, limit, continueToken, bookmarks);
  }

  public ListOptions from(String version) {
    return new ListOptions(
        namespace, labelSelector, fieldSelector, version, limit, continueToken, bookmarks);
  }

  public ListOptions page(int size, String token) {
    return new ListOptions(
        namespace, labelSelector, fieldSelector, resourceVersion, size, token, bookmarks);
  }

  public ListOptions withBookmarks() {
    return new ListOptions(
        namespace, labelSelector, fieldSelector, resourceVersion, limit, continueToken, true);
  }
}
