package io.coxswain.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Descriptors.FileDescriptor;
import io.coxswain.schema.options.Options;
import io.kubernetes.client.proto.IntStr;
import io.kubernetes.client.proto.Meta;
import io.kubernetes.client.proto.Resource;
import io.kubernetes.client.proto.Runtime;
import io.kubernetes.client.proto.V1;
import io.kubernetes.client.proto.V1Admissionregistration;
import io.kubernetes.client.proto.V1Apiextensions;
import io.kubernetes.client.proto.V1Apps;
import io.kubernetes.client.proto.V1Authentication;
import io.kubernetes.client.proto.V1Authorization;
import io.kubernetes.client.proto.V1Autoscaling;
import io.kubernetes.client.proto.V1Batch;
import io.kubernetes.client.proto.V1Certificates;
import io.kubernetes.client.proto.V1Coordination;
import io.kubernetes.client.proto.V1Discovery;
import io.kubernetes.client.proto.V1Events;
import io.kubernetes.client.proto.V1Flowcontrol;
import io.kubernetes.client.proto.V1Networking;
import io.kubernetes.client.proto.V1Node;
import io.kubernetes.client.proto.V1Policy;
import io.kubernetes.client.proto.V1Rbac;
import io.kubernetes.client.proto.V1Resource;
import io.kubernetes.client.proto.V1Scheduling;
import io.kubernetes.client.proto.V1Storage;
import io.kubernetes.client.proto.V2Autoscaling;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The schema encodes as Kubernetes does: every message has the fields, numbers, types and labels
/// of the official client's descriptors.
class UpstreamDescriptorsTest {

  private static final List<FileDescriptor> UPSTREAM =
      List.of(
          V1.getDescriptor(),
          V1Admissionregistration.getDescriptor(),
          V1Apiextensions.getDescriptor(),
          V1Apps.getDescriptor(),
          V1Authentication.getDescriptor(),
          V1Authorization.getDescriptor(),
          V1Autoscaling.getDescriptor(),
          V1Batch.getDescriptor(),
          V1Certificates.getDescriptor(),
          V1Coordination.getDescriptor(),
          V1Discovery.getDescriptor(),
          V1Events.getDescriptor(),
          V1Flowcontrol.getDescriptor(),
          V1Networking.getDescriptor(),
          V1Node.getDescriptor(),
          V1Policy.getDescriptor(),
          V1Rbac.getDescriptor(),
          V1Resource.getDescriptor(),
          V1Scheduling.getDescriptor(),
          V1Storage.getDescriptor(),
          V2Autoscaling.getDescriptor(),
          Meta.getDescriptor(),
          Runtime.getDescriptor(),
          Resource.getDescriptor(),
          IntStr.getDescriptor());

  /// Kubernetes has these in JSON only. The metrics of nodes and pods are in a repository of their
  /// own, which the official client's descriptors leave out.
  private static final Set<String> OWN =
      Set.of("Table", "TableColumnDefinition", "TableRow", "TableRowCondition");

  /// Groups whose messages the official client does not have.
  private static final Set<String> NOT_IN_CLIENT =
      Set.of("coxswain.api.metrics.v1beta1", "coxswain.api.apiregistration.v1");

  private static Map<String, Descriptor> upstream() {
    Map<String, Descriptor> messages = new HashMap<>();
    for (FileDescriptor file : UPSTREAM) {
      for (Descriptor message : file.getMessageTypes()) {
        messages.put(message.getFullName(), message);
      }
    }
    return messages;
  }

  private static String upstreamName(Descriptor message) {
    String start = message.getFile().getOptions().getExtension(Options.upstream);
    return start + "." + message.getName();
  }

  @Test
  void everyMessageHasTheFieldsOfUpstream() {
    Map<String, Descriptor> upstream = upstream();
    List<String> differences = new ArrayList<>();
    int compared = 0;
    for (FileDescriptor file : ApiFiles.ALL) {
      for (Descriptor message : file.getMessageTypes()) {
        if (OWN.contains(message.getName()) || NOT_IN_CLIENT.contains(file.getPackage())) {
          continue;
        }
        Descriptor theirs = upstream.get(upstreamName(message));
        if (theirs == null) {
          differences.add(upstreamName(message) + " is not upstream");
          continue;
        }
        compare(message, theirs, differences);
        compared++;
      }
    }
    assertThat(differences).isEmpty();
    assertThat(compared).isGreaterThan(500);
  }

  private static void compare(Descriptor ours, Descriptor theirs, List<String> differences) {
    for (FieldDescriptor field : theirs.getFields()) {
      FieldDescriptor own = ours.findFieldByNumber(field.getNumber());
      if (own == null) {
        differences.add(field.getFullName() + " = " + field.getNumber() + " is missing");
      } else if (!shape(own).equals(shape(field))) {
        differences.add(field.getFullName() + ": " + shape(field) + ", here " + shape(own));
      }
    }
    for (FieldDescriptor field : ours.getFields()) {
      if (theirs.findFieldByNumber(field.getNumber()) == null) {
        differences.add(field.getFullName() + " = " + field.getNumber() + " is not upstream");
      }
    }
  }

  private static String shape(FieldDescriptor field) {
    if (field.isMapField()) {
      return field.getName()
          + " map of "
          + type(field.getMessageType().findFieldByNumber(1))
          + " to "
          + type(field.getMessageType().findFieldByNumber(2));
    }
    return field.getName() + (field.isRepeated() ? " list of " : " ") + type(field);
  }

  private static String type(FieldDescriptor field) {
    if (field.getJavaType() != JavaType.MESSAGE) {
      return field.getType().name();
    }
    Descriptor message = field.getMessageType();
    return message.getFile().getOptions().hasExtension(Options.upstream)
        ? upstreamName(message)
        : message.getFullName();
  }
}
