package io.coxswain.controlplane.admission.plugin;

import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.ObjectMeta;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.ObjectMetas;
import io.coxswain.client.codec.Strictness;
import io.coxswain.client.codec.YamlCodec;
import io.coxswain.controlplane.admission.Defaults;
import io.coxswain.controlplane.admission.dynamic.Notes;
import io.coxswain.schema.ResourceType;
import java.util.Optional;

/// Objects and writes of them, from YAML.
final class Requests {

  private Requests() {}

  /// With defaults, as plug-ins get it.
  static <T extends Message> T object(Class<T> kind, String yaml) {
    return kind.cast(
        Defaults.apply(
            new JsonCodec()
                .decode(
                    YamlCodec.parse(yaml).getFirst().content(),
                    ResourceType.of(kind).prototype(),
                    Strictness.STRICT)
                .message()));
  }

  static AdmissionRequest create(Message object) {
    return request(object, Optional.empty(), "");
  }

  static AdmissionRequest update(Message before, Message after) {
    return request(after, Optional.of(before), "");
  }

  static AdmissionRequest request(Message object, Optional<Message> before, String subresource) {
    ObjectMeta meta = ObjectMetas.read(object);
    return new AdmissionRequest(
        ResourceType.of(object),
        subresource,
        meta.getNamespace(),
        meta.getName(),
        before,
        object,
        false,
        Notes.UNHEARD);
  }
}
