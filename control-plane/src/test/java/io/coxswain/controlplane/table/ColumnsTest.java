package io.coxswain.controlplane.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.google.protobuf.Message;
import io.coxswain.client.codec.JsonCodec;
import io.coxswain.client.codec.Strictness;
import io.coxswain.schema.ResourceType;
import io.coxswain.schema.Schema;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The columns of every kind against the facts, and cells that are more than a field's value.
class ColumnsTest {

  private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");

  @Test
  void everyKindHasTheColumnsThatPeopleKnow() throws Exception {
    Map<String, String> expected = new TreeMap<>(facts());
    Map<String, String> found = new TreeMap<>();
    for (ResourceType<?> type : Schema.api().types()) {
      String kind = type.apiVersion() + "/" + type.kind();
      if (expected.containsKey(kind) || isListed(type)) {
        found.put(kind, columns(type));
        expected.putIfAbsent(kind, "Name,Age");
      }
    }

    assertThat(found).containsExactlyInAnyOrderEntriesOf(expected);
    assertThat(found).contains(entry("v1/LimitRange", "Name,Age"));
  }

  private static Map<String, String> facts() throws Exception {
    try (InputStream text = ColumnsTest.class.getResourceAsStream("columns-1.36.txt")) {
      return new String(text.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\\|", -1))
          .collect(Collectors.toMap(line -> line[0], line -> line[1]));
    }
  }

  /// Kinds of other groups, as metrics, are not in the facts; nor are those that are never listed.
  private static boolean isListed(ResourceType<?> type) {
    return type.stored()
        && !type.group().equals("metrics.k8s.io")
        && !type.group().equals("apiextensions.k8s.io")
        && !type.group().equals("apiregistration.k8s.io")
        && !type.group().equals("events.k8s.io");
  }

  private static String columns(ResourceType<?> type) {
    return Printers.of(type).columns().stream()
        .map(column -> column.getPriority() == 0 ? column.getName() : "(" + column.getName() + ")")
        .collect(Collectors.joining(","));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "apps/v1/StatefulSet|{'spec':{'replicas':3},'status':{'readyReplicas':2}}|Ready|2/3",
        "apps/v1/ControllerRevision|{'metadata':{'ownerReferences':[{'apiVersion':'apps/v1',"
            + "'kind':'DaemonSet','name':'d','controller':true}]}}|Controller|daemonset.apps/d",
        "apps/v1/ControllerRevision|{}|Controller|<none>",
        "batch/v1/Job|{'spec':{'completions':3},'status':{'succeeded':1}}|Completions|1/3",
        "batch/v1/Job|{'spec':{'parallelism':4}}|Completions|0/1 of 4",
        "batch/v1/Job|{'status':{'startTime':'2026-11-29T11:00:00Z',"
            + "'completionTime':'2026-11-29T11:01:30Z'}}|Duration|90s",
        "batch/v1/Job|{'status':{'startTime':'2026-11-29T11:55:00Z'}}|Duration|5m",
        "batch/v1/Job|{}|Duration|~~",
        "batch/v1/Job|{'status':{'conditions':[{'type':'Failed','status':'True'}]}}|Status|Failed",
        "batch/v1/Job|{'status':{'conditions':[{'type':'Complete','status':'False'}]}}|Status"
            + "|Running",
        "batch/v1/Job|{'metadata':{'deletionTimestamp':'2026-11-29T11:00:00Z'},"
            + "'spec':{'suspend':true}}|Status|Terminating",
        "batch/v1/CronJob|{'status':{'lastScheduleTime':'2026-11-29T11:59:00Z'}}|Last Schedule|60s",
        "batch/v1/CronJob|{'spec':{'suspend':true}}|Suspend|true",
        "autoscaling/v1/HorizontalPodAutoscaler|{'spec':{'targetCPUUtilizationPercentage':80}}"
            + "|Targets|cpu: <unknown>/80%",
        "autoscaling/v2/HorizontalPodAutoscaler|{'spec':{'scaleTargetRef':{'kind':'Deployment',"
            + "'name':'web'}}}|Reference|Deployment/web",
        "autoscaling/v2/HorizontalPodAutoscaler|{'spec':{'metrics':["
            + "{'type':'Resource','resource':{'name':'cpu','target':{'averageUtilization':70}}},"
            + "{'type':'Pods','pods':{'target':{'averageValue':'10'}}},"
            + "{'type':'External','external':{'target':{'value':'5'}}}]},"
            + "'status':{'currentMetrics':[{'type':'Resource','resource':{'name':'cpu',"
            + "'current':{'averageUtilization':12}}}]}}"
            + "|Targets|cpu: 12%/70%, <unknown>/10 + 1 more...",
        "resource.k8s.io/v1/ResourceClaim|{}|State|pending",
        "resource.k8s.io/v1/ResourceClaim|{'status':{'allocation':{}}}|State|allocated",
        "resource.k8s.io/v1/ResourceClaim|{'metadata':{'deletionTimestamp':'2026-11-29T11:00:00Z'},"
            + "'status':{'allocation':{},'reservedFor':[{'uid':'u'}]}}|State"
            + "|deleted,allocated,reserved",
        "resource.k8s.io/v1/ResourceClaim|{'metadata':{'deletionTimestamp':'2026-11-29T11:00:00Z'}}"
            + "|State|deleted",
        "resource.k8s.io/v1/ResourceSlice|{'spec':{'driver':'d','nodeName':'n','pool':{'name':'p'}}}"
            + "|Pool|p",
        "networking.k8s.io/v1/Ingress|{'spec':{'rules':[{'host':'a'},{'host':'b'},{'host':'c'},"
            + "{'host':'d'}],'tls':[{}]}}|Hosts|a,b,c + 1 more...",
        "networking.k8s.io/v1/Ingress|{'spec':{'rules':[{}],'tls':[{}]}}|Hosts|*",
        "networking.k8s.io/v1/Ingress|{'spec':{'tls':[{}]}}|Ports|80, 443",
        "networking.k8s.io/v1/Ingress|{'status':{'loadBalancer':{'ingress':[{'hostname':'h'},"
            + "{'ip':'1.2.3.4'}]}}}|Address|1.2.3.4,h",
        "networking.k8s.io/v1/IngressClass|{'metadata':{'name':'x','annotations':"
            + "{'ingressclass.kubernetes.io/is-default-class':'true'}}}|Name|x (default)",
        "networking.k8s.io/v1/IPAddress|{'spec':{'parentRef':{'resource':'services',"
            + "'namespace':'default','name':'a'}}}|ParentRef|services/default/a",
        "v1/PersistentVolume|{'spec':{'capacity':{'storage':'1Gi'},'accessModes':["
            + "'ReadWriteMany','ReadWriteOnce']}}|Access Modes|RWO,RWX",
        "v1/PersistentVolumeClaim|{'spec':{'resources':{'requests':{'storage':'1Gi'}}}}|Capacity"
            + "|~~",
        "v1/PersistentVolumeClaim|{'spec':{'volumeName':'v'},'status':{'capacity':"
            + "{'storage':'2Gi'}}}|Capacity|2Gi",
        "storage.k8s.io/v1/CSIDriver|{}|AttachRequired|true",
        "storage.k8s.io/v1/CSIDriver|{'spec':{'tokenRequests':[{'audience':'a'},"
            + "{'audience':'b'}]}}|TokenRequests|a,b",
        "v1/ResourceQuota|{'status':{'hard':{'pods':'5','limits.cpu':'2','cpu':'1'},"
            + "'used':{'pods':'1'}}}|Request|cpu: 0/1, pods: 1/5",
        "v1/ResourceQuota|{'status':{'hard':{'pods':'5','limits.cpu':'2'}}}|Limit"
            + "|limits.cpu: 0/2",
        "rbac.authorization.k8s.io/v1/RoleBinding|{'subjects':[{'kind':'User','name':'eve'},"
            + "{'kind':'ServiceAccount','namespace':'n','name':'s'}]}|ServiceAccounts|n/s",
        "flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration|{'spec':{'type':'Exempt'}}"
            + "|Queues|<none>",
        "flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration|{'spec':{'limited':"
            + "{'limitResponse':{'queuing':{'queues':64}}}}}|Queues|64",
        "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding|{'spec':{'paramRef':"
            + "{'name':'p'}}}|ParamRef|*/p",
        "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy|{}|ParamKind|<unset>",
      })
  void aCellSays(String kind, String json, String column, String expected) {
    ResourceType<?> type =
        Schema.api().types().stream()
            .filter(one -> (one.apiVersion() + "/" + one.kind()).equals(kind))
            .findFirst()
            .orElseThrow();
    Message object =
        new JsonCodec(1 << 20)
            .decode(
                json.replace('\'', '"').getBytes(StandardCharsets.UTF_8),
                type.prototype(),
                Strictness.STRICT)
            .message();
    Printer<?> printer = Printers.of(type);
    List<String> names = printer.columns().stream().map(one -> one.getName()).toList();

    assertThat(printer.cells(object, NOW).get(names.indexOf(column)).toString())
        .isEqualTo(expected);
  }
}
