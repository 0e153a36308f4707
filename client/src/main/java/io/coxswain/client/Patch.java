package io.coxswain.client;

/// A change to part of an object, as JSON.
public record Patch(Type type, String json) {

  public enum Type {
    JSON("application/json-patch+json"),
    MERGE("application/merge-patch+json"),
    STRATEGIC("application/strategic-merge-patch+json"),
    APPLY("application/apply-patch+yaml");

    private final String contentType;

    Type(String contentType) {
      this.contentType = contentType;
    }

    public String contentType() {
      return contentType;
    }
  }

  public static Patch merge(String json) {
    return new Patch(Type.MERGE, json);
  }

  public static Patch strategic(String json) {
    return new Patch(Type.STRATEGIC, json);
  }
}
