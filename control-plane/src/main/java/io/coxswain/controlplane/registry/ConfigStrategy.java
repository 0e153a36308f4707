package io.coxswain.controlplane.registry;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.coxswain.api.core.v1.ConfigMap;
import io.coxswain.api.core.v1.Secret;
import io.coxswain.client.ApiError;
import java.util.ArrayList;
import java.util.List;

/// ConfigMaps and Secrets, which can be made immutable for good.
final class ConfigStrategy implements Strategy {

  private static final String FROZEN = "Forbidden: field is immutable when `immutable` is set";

  @Override
  public Message prepareCreate(Message object) {
    return object instanceof Secret secret ? merged(secret) : object;
  }

  @Override
  public Message prepareUpdate(Message before, Message after) {
    return after instanceof Secret secret ? merged(secret) : after;
  }

  /// `stringData` is for writing only: it lands in `data`.
  private static Secret merged(Secret secret) {
    if (secret.getStringDataCount() == 0) {
      return secret;
    }
    Secret.Builder merged = secret.toBuilder().clearStringData();
    secret
        .getStringDataMap()
        .forEach((key, value) -> merged.putData(key, ByteString.copyFromUtf8(value)));
    return merged.build();
  }

  @Override
  public List<ApiError.Cause> onUpdate(Message before, Message after) {
    List<ApiError.Cause> causes = new ArrayList<>();
    switch (before) {
      case ConfigMap old when old.getImmutable() && after instanceof ConfigMap now -> {
        refuse(causes, !now.getImmutable(), "immutable");
        refuse(causes, !now.getDataMap().equals(old.getDataMap()), "data");
        refuse(causes, !now.getBinaryDataMap().equals(old.getBinaryDataMap()), "binaryData");
      }
      case Secret old when old.getImmutable() && after instanceof Secret now -> {
        refuse(causes, !now.getImmutable(), "immutable");
        refuse(causes, !now.getDataMap().equals(old.getDataMap()), "data");
      }
      default -> {}
    }
    return causes;
  }

  private static void refuse(List<ApiError.Cause> causes, boolean changed, String field) {
    if (changed) {
      causes.add(new ApiError.Cause("FieldValueForbidden", field, FROZEN));
    }
  }

  @Override
  public boolean countsGenerations() {
    return false;
  }
}
