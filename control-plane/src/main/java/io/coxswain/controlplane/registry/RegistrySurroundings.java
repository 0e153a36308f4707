package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.admissionregistration.v1.MutatingAdmissionPolicy;
import io.coxswain.api.admissionregistration.v1.MutatingAdmissionPolicyBinding;
import io.coxswain.api.admissionregistration.v1.MutatingWebhookConfiguration;
import io.coxswain.api.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.coxswain.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.coxswain.api.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.coxswain.api.core.v1.Namespace;
import io.coxswain.client.ObjectKey;
import io.coxswain.client.Patch;
import io.coxswain.client.codec.LabelMatcher;
import io.coxswain.controlplane.admission.dynamic.Surroundings;
import io.coxswain.controlplane.customresource.CustomKind;
import io.coxswain.controlplane.fieldset.Configuration;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.controlplane.watch.Selection;
import io.coxswain.controlplane.watch.WatchCache;
import io.coxswain.custom.CustomObject;
import io.coxswain.schema.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The registry as dynamic admission sees it, from its caches.
final class RegistrySurroundings implements Surroundings {

  private final Kinds kinds;
  private final KindStore namespaces;
  private final WatchCache[] configurations;

  RegistrySurroundings(Kinds kinds) {
    this.kinds = kinds;
    this.namespaces = kinds.of(Namespace.class);
    this.configurations =
        Stream.of(
                MutatingWebhookConfiguration.class,
                ValidatingWebhookConfiguration.class,
                MutatingAdmissionPolicy.class,
                MutatingAdmissionPolicyBinding.class,
                ValidatingAdmissionPolicy.class,
                ValidatingAdmissionPolicyBinding.class)
            .map(kind -> kinds.of(kind).cache())
            .toArray(WatchCache[]::new);
  }

  @Override
  public long state() {
    long state = kinds.servings();
    for (WatchCache cache : configurations) {
      state += cache.changes();
    }
    return state;
  }

  @Override
  public <T extends Message> List<T> list(Class<T> kind) {
    return kinds.of(kind).cache().list(Selection.ALL).objects().stream()
        .map(CachedObject::message)
        .map(kind::cast)
        .toList();
  }

  @Override
  public Optional<Namespace> namespace(String name) {
    ObjectKey key = new ObjectKey("", name);
    return namespaces
        .cache()
        .find(key)
        .or(() -> namespaces.find(key))
        .map(found -> (Namespace) found.message());
  }

  @Override
  public List<ResourceType<?>> equivalents(ResourceType<?> type) {
    List<ResourceType<?>> equivalents = new ArrayList<>();
    if (type.prototype() instanceof CustomObject) {
      for (CustomKind kind : kinds.catalog().custom()) {
        ResourceType<?> other = kind.type();
        if (other.qualifiedPlural().equals(type.qualifiedPlural())
            && !other.version().equals(type.version())) {
          equivalents.add(other);
        }
      }
      return equivalents;
    }
    ResourceType<?> stored = StorageLayout.storedAs(type);
    for (KindStore kind : kinds.all()) {
      if (!kind.type().equals(type) && StorageLayout.storedAs(kind.type()).equals(stored)) {
        equivalents.add(kind.type());
      }
    }
    return equivalents;
  }

  @Override
  public Message converted(Message object, ResourceType<?> to) {
    KindCodec target = kinds.of(to).codec();
    if (object instanceof CustomObject custom && target instanceof CustomCodec codec) {
      return codec.served(custom);
    }
    if (target instanceof ResourceCodec codec
        && kinds.of(ResourceType.of(object)).codec() instanceof ResourceCodec own) {
      return codec.served(own.stored(object));
    }
    throw new IllegalArgumentException("no way from " + ResourceType.of(object) + " to " + to);
  }

  @Override
  public Message patched(ResourceType<?> type, Message object, String patch) {
    Rules rules = kinds.of(type).rules();
    return rules.defaulted(
        rules.patched(object, new Patch(Patch.Type.JSON, patch), WriteOptions.DEFAULT).object());
  }

  @Override
  public Message laid(ResourceType<?> type, Message object, JsonNode configuration) {
    KindStore kind = kinds.of(type);
    if (!(configuration instanceof ObjectNode tree)) {
      throw Refusals.badRequest("what is applied must be an object");
    }
    tree.put("apiVersion", type.apiVersion()).put("kind", type.kind());
    Message config =
        kind.rules()
            .configuration(
                type.prototype(),
                new Patch(Patch.Type.APPLY, tree.toString()),
                WriteOptions.DEFAULT)
            .object();
    return kind.rules().defaulted(laid(FieldView.of(kind), object, config));
  }

  private static <V> Message laid(FieldView<V> view, Message object, Message config) {
    V wanted = view.applied(config, "");
    List<String> atomics = Configuration.atomics(view.shape(), wanted);
    if (!atomics.isEmpty()) {
      throw Refusals.badRequest(
          "invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: "
              + String.join(", ", atomics));
    }
    return view.object(Configuration.merged(view.shape(), view.value(object), wanted));
  }

  @Override
  public Optional<ResourceType<?>> typeOf(String apiVersion, String kind) {
    return kinds.catalog().types().stream()
        .filter(type -> type.kind().equals(kind) && type.apiVersion().equals(apiVersion))
        .filter(ResourceType::stored)
        .findFirst();
  }

  @Override
  public Optional<Message> find(ResourceType<?> type, String namespace, String name) {
    return kinds.of(type).cache().find(new ObjectKey(namespace, name)).map(CachedObject::message);
  }

  @Override
  public List<Message> select(ResourceType<?> type, String namespace, LabelMatcher labels) {
    Selection all = namespace.isEmpty() ? Selection.ALL : Selection.in(namespace);
    return kinds.of(type).cache().list(all).objects().stream()
        .map(CachedObject::message)
        .filter(labels::matches)
        .toList();
  }
}
