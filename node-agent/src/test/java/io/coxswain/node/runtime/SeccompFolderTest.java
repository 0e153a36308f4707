package io.coxswain.node.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.node.host.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Files of seccomp rules, where they may lie and what may be in them.
class SeccompFolderTest {

  private static final String PLAIN = "{\"defaultAction\": \"SCMP_ACT_LOG\"}";

  @TempDir Path root;
  private Path folder;
  private SeccompFolder profiles;

  @BeforeEach
  void make() throws Exception {
    folder = Files.createDirectories(root.resolve("kubelet/seccomp"));
    profiles = new SeccompFolder(folder, Machine.read(root));
    Files.writeString(Files.createDirectory(folder.resolve("team")).resolve("a.json"), PLAIN);
    Files.writeString(root.resolve("kubelet/outside.json"), PLAIN);
    Files.createSymbolicLink(folder.resolve("within.json"), Path.of("team/a.json"));
    Files.createSymbolicLink(folder.resolve("out.json"), Path.of("../outside.json"));
    Files.createSymbolicLink(folder.resolve("absolute.json"), root.resolve("kubelet/outside.json"));
    Files.createSymbolicLink(folder.resolve("up"), Path.of(".."));
    Files.createSymbolicLink(folder.resolve("circle.json"), Path.of("circle.json"));
    Files.writeString(folder.resolve("large.json"), " ".repeat((4 << 20) + 1));
  }

  @ParameterizedTest
  @CsvSource({"team/a.json", "team/../team/a.json", "within.json", "./team//a.json"})
  void whatLiesInTheFolderIsRead(String name) throws Exception {
    assertThat(profiles.read(name, Set.of())).containsEntry("defaultAction", "SCMP_ACT_LOG");
  }

  @ParameterizedTest
  @CsvSource({
    "missing.json,         'missing.json\": no such file or directory'",
    "team,                 it is no regular file",
    "../outside.json,      must be the path of a file below",
    "team/../../outside.json, must be the path of a file below",
    "'',                   must be the path of a file below",
    "/etc/passwd,          must be the path of a file below",
    "out.json,             a link stands in its path",
    "absolute.json,        a link stands in its path",
    "up/outside.json,      a link stands in its path",
    "circle.json,          a link stands in its path",
    "large.json,           it has more than 4194304 bytes"
  })
  void whatDoesNotIsRefused(String name, String words) {
    assertThatThrownBy(() -> profiles.read(name, Set.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(words);
  }

  /// @param read what becomes of it
  record Case(String name, String file, Map<String, Object> read) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Map<String, Object> profile(String action, Map<?, ?>... rules) {
    return OciSpec.ordered("defaultAction", action, "syscalls", List.of(rules));
  }

  private static Map<String, Object> allow(String... names) {
    return Map.of("names", List.of(names), "action", "SCMP_ACT_ALLOW");
  }

  static List<Case> files() {
    Map<String, Object> mapped = profile("SCMP_ACT_ERRNO");
    mapped.put("architectures", List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86"));
    Map<String, Object> whole = profile("SCMP_ACT_ERRNO");
    whole.put("defaultErrnoRet", 38);
    whole.put("architectures", List.of("SCMP_ARCH_X86_64"));
    whole.put("flags", List.of("SECCOMP_FILTER_FLAG_LOG"));
    whole.put(
        "syscalls",
        List.of(
            Map.of(
                "names",
                List.of("personality"),
                "action",
                "SCMP_ACT_ERRNO",
                "errnoRet",
                1,
                "args",
                List.of(
                    Map.of(
                        "index", 0, "value", 4294967295L, "valueTwo", 0, "op", "SCMP_CMP_EQ")))));
    return List.of(
        new Case(
            "OCI's form",
            """
            {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
             "architectures": ["SCMP_ARCH_X86_64"], "flags": ["SECCOMP_FILTER_FLAG_LOG"],
             "syscalls": [{"names": ["personality"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1,
               "args": [{"index": 0, "value": 4294967295, "op": "SCMP_CMP_EQ"}]}]}
            """,
            whole),
        new Case(
            "Docker's machines",
            """
            {"defaultAction": "SCMP_ACT_ERRNO", "archMap": [
              {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]},
              {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}]}
            """,
            mapped),
        new Case(
            "rules for some machines, kernels and capabilities",
            """
            {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
              {"names": ["a"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_CHOWN"]}},
              {"names": ["b"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
              {"names": ["c"], "action": "SCMP_ACT_ALLOW", "excludes": {"caps": ["CAP_CHOWN"]}},
              {"names": ["d"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["s390x"]}},
              {"names": ["e"], "action": "SCMP_ACT_ALLOW", "excludes": {"arches": ["amd64"]}},
              {"names": ["f"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "6.1"}},
              {"names": ["g"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "6.2"}},
              {"names": ["h"], "action": "SCMP_ACT_ALLOW", "excludes": {"minKernel": "4.8"}},
              {"name": "i", "action": "SCMP_ACT_ALLOW", "args": [], "comment": "", "includes": {}, "excludes": {}},
              {"names": ["j", "k"], "action": "SCMP_ACT_ALLOW", "args": null}]}
            """,
            profile("SCMP_ACT_ERRNO", allow("a"), allow("f"), allow("i"), allow("j", "k"))));
  }

  private static SeccompFile file() {
    return new SeccompFile("amd64", "6.1.0-18-amd64", Set.of("CAP_CHOWN"));
  }

  @ParameterizedTest
  @MethodSource("files")
  void profilesAreRead(Case one) {
    var json = tools.jackson.databind.json.JsonMapper.shared();
    Map<String, Object> read =
        file().read(one.file().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertThat(json.readTree(json.writeValueAsString(read)))
        .isEqualTo(json.readTree(json.writeValueAsString(one.read())));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {                                                   | it is no JSON
          []                                                  | it is no JSON object
          {}                                                  | defaultAction is missing
          {"defaultAction": "ALLOW"}                          | defaultAction "ALLOW" is not known
          {"defaultAction": "SCMP_ACT_ALLOW", "architectures": "x"}                              | architectures is no list
          {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["x"], "archMap": [{}]}           | it has both architectures and archMap
          {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"action": "SCMP_ACT_KILL"}]}         | syscalls[0]: it names no system call
          {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": [7]}]}                      | syscalls[0]: names has something that is no text
          {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["a"], "name": "b"}]}       | syscalls[0]: it has both name and names
          {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["a"], "action": "NO"}]}    | syscalls[0]: action "NO" is not known
          {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["a"], "action": "SCMP_ACT_KILL", "args": [{"op": "=="}]}]}                               | syscalls[0]: op "==" is not known
          {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["a"], "action": "SCMP_ACT_KILL", "args": [{"op": "SCMP_CMP_EQ", "value": -1}]}]}         | syscalls[0]: value is no number of 64 bits
          {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["a"], "action": "SCMP_ACT_KILL", "includes": {"minKernel": "new"}}]}                     | "new" is no kernel's version
          """)
  void whatIsNoProfileSaysSo(String text, String words) {
    assertThatThrownBy(() -> file().read(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(words);
  }

  @Test
  void aFolderThatIsNotThereIsNamed() throws Exception {
    SeccompFolder none = new SeccompFolder(root.resolve("none"), Machine.read(root));
    assertThatThrownBy(() -> none.read("a.json", Set.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(root.resolve("none") + "/a.json\"")
        .hasMessageContaining("no such file or directory");
  }
}
