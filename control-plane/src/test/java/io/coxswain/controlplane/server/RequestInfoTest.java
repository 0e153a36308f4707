package io.coxswain.controlplane.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.controlplane.edge.Query;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RequestInfoTest {

  record Case(String method, String url, String expected) {
    @Override
    public String toString() {
      return method + " " + url;
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
        new Case("GET", "/api/v1/pods", "list  v1 / pods / "),
        new Case("GET", "/api/v1/namespaces/a/pods", "list  v1 a/ pods / "),
        new Case("GET", "/api/v1/namespaces/a/pods/p", "get  v1 a/p pods / "),
        new Case("HEAD", "/api/v1/namespaces/a/pods/p", "get  v1 a/p pods / "),
        new Case("GET", "/api/v1/namespaces/a/pods/p/log", "get  v1 a/p pods /log "),
        new Case("GET", "/api/v1/namespaces", "list  v1 / namespaces / "),
        new Case("GET", "/api/v1/namespaces/a", "get  v1 /a namespaces / "),
        new Case("PUT", "/api/v1/namespaces/a/finalize", "update  v1 /a namespaces /finalize "),
        new Case("PATCH", "/api/v1/namespaces/a/status", "patch  v1 /a namespaces /status "),
        new Case(
            "POST", "/apis/apps/v1/namespaces/a/deployments", "create apps v1 a/ deployments / "),
        new Case(
            "DELETE",
            "/apis/apps/v1/namespaces/a/deployments",
            "deletecollection apps v1 a/ deployments / "),
        new Case("GET", "/api/v1/watch/pods", "watch  v1 / pods / "),
        new Case("GET", "/api/v1/watch/namespaces/a/pods/p", "watch  v1 a/p pods / "),
        new Case("GET", "/api/v1/nodes/n/proxy/metrics", "get  v1 /n nodes /proxy metrics"),
        new Case("GET", "/api/v1/namespaces/a/pods/a%2Fb", "get  v1 a/a/b pods / "),
        new Case("GET", "/version", "get /version"),
        new Case("GET", "/apis/apps/v1", "get /apis/apps/v1"),
        new Case("POST", "//api//", "post /api"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void reads(Case given) {
    RequestInfo info = RequestInfo.parse(given.method(), given.url(), Query.EMPTY);
    String read =
        info.isResource()
            ? "%s %s %s %s/%s %s /%s %s"
                .formatted(
                    info.verb(),
                    info.group(),
                    info.version(),
                    info.namespace(),
                    info.name(),
                    info.resource(),
                    info.subresource(),
                    String.join("/", info.rest()))
            : info.verb() + " " + info.path();
    assertThat(read).isEqualTo(given.expected());
  }

  @Test
  void leavesTheQueryOfAPartToWhoAnswersIt() {
    Query query = new Query(Map.of("watch", List.of("true")));
    assertThat(RequestInfo.parse("GET", "/api/v1/nodes/n/proxy/a", query).verb()).isEqualTo("get");
  }

  @ParameterizedTest
  @CsvSource({"watch,true,watch", "watch,1,watch", "watch,'',watch", "watch,false,list"})
  void readsTheWatchParameter(String name, String value, String verb) {
    Query query = new Query(Map.of(name, List.of(value)));
    assertThat(RequestInfo.parse("GET", "/api/v1/pods", query).verb()).isEqualTo(verb);
  }

  @ParameterizedTest
  @CsvSource({
    "'', JSON, WHOLE",
    "'*/*', JSON, WHOLE",
    "application/yaml, YAML, WHOLE",
    "'text/html,application/json;q=0.9', JSON, WHOLE",
    "'application/json;as=Table;v=v1;g=meta.k8s.io,application/json', JSON, TABLE",
    "'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io,application/json', JSON, WHOLE",
    "'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1', JSON, METADATA",
    "'application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1', PROTOBUF, METADATA",
    "'application/json;as=Unknown;g=x;v=v1,application/json', JSON, WHOLE"
  })
  void negotiates(String accept, Negotiation.Format format, Negotiation.View view) {
    Negotiation chosen = Negotiation.of(accept);
    assertThat(chosen.format()).isEqualTo(format);
    assertThat(chosen.view()).isEqualTo(view);
  }
}
