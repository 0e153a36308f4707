package io.coxswain.client.testing;

import com.google.protobuf.Message;
import io.coxswain.client.codec.FieldMatcher;
import io.coxswain.client.codec.LabelMatcher;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Selectors;
import io.coxswain.schema.ResourceType;
import java.util.Map;
import java.util.function.Predicate;

/// Which objects a list or watch is about.
record Selection(String namespace, LabelMatcher labels, FieldMatcher fields)
    implements Predicate<Message> {

  static Selection of(ResourceType<?> type, String namespace, Map<String, String> options) {
    return new Selection(
        namespace,
        Selectors.labels(options.getOrDefault("labelSelector", "")),
        Selectors.fields(type, options.getOrDefault("fieldSelector", "")));
  }

  @Override
  public boolean test(Message object) {
    return (namespace.isEmpty() || ObjectMetas.read(object).getNamespace().equals(namespace))
        && labels.matches(object)
        && fields.test(object);
  }
}
