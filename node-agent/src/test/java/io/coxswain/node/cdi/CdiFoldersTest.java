package io.coxswain.node.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// CDI files as vendors' tools write them.
class CdiFoldersTest {

  @TempDir Path folder;
  private Path etc;
  private Path run;
  private CdiFolders cdi;

  @BeforeEach
  void folders() throws IOException {
    etc = Files.createDirectories(folder.resolve("etc"));
    run = Files.createDirectories(folder.resolve("run"));
    cdi = new CdiFolders(List.of(etc, run, folder.resolve("missing")));
  }

  private static void write(Path folder, String name, String content) throws IOException {
    Files.writeString(folder.resolve(name), content);
  }

  private static String simple(String kind, String device, String env) {
    return """
    {"cdiVersion":"0.6.0","kind":"%s","devices":[{"name":"%s","containerEdits":{"env":["%s"]}}]}
    """
        .formatted(kind, device, env);
  }

  @Test
  void aDeviceIsAllThatItsFileSays() throws Exception {
    write(
        etc,
        "vendor.yaml",
        """
        cdiVersion: "0.8.0"
        kind: vendor.example/gpu
        annotations: {made.by: vendor-ctk}
        containerEdits:
          env: [ALL=1]
          hooks:
          - hookName: createContainer
            path: /usr/bin/ctk
            args: [ctk, hook]
            env: [DEBUG=0]
            timeout: 7
        devices:
        - name: "0"
          containerEdits:
            deviceNodes:
            - path: /dev/gpu0
              hostPath: /dev/zero
              permissions: rw
            - path: /dev/made
              type: c
              major: 195
              minor: 4
              fileMode: 0660
              uid: 7
              gid: 44
            mounts:
            - hostPath: /lib/gpu
              containerPath: /usr/lib/gpu
              options: [ro, nosuid, bind]
            - {hostPath: tmpfs, containerPath: /gpu, type: tmpfs}
            additionalGids: [0, 44]
        - name: "1"
          containerEdits: {env: [ONE=1]}
        """);
    ContainerEdits edits =
        cdi.edits(List.of("vendor.example/gpu=0", "vendor.example/gpu=1", "vendor.example/gpu=0"));
    assertThat(edits.environment()).containsExactly("ALL=1", "ONE=1");
    assertThat(edits.devices())
        .containsExactly(
            new ContainerEdits.DeviceNode(
                "/dev/gpu0",
                "c",
                1,
                5,
                OptionalInt.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                "rw"),
            new ContainerEdits.DeviceNode(
                "/dev/made",
                "c",
                195,
                4,
                OptionalInt.of(0660),
                OptionalLong.of(7),
                OptionalLong.of(44),
                "rwm"));
    assertThat(edits.mounts())
        .containsExactly(
            new ContainerEdits.Mount(
                "/lib/gpu", "/usr/lib/gpu", "bind", List.of("ro", "nosuid", "bind")),
            new ContainerEdits.Mount("tmpfs", "/gpu", "tmpfs", List.of()));
    assertThat(edits.hooks())
        .containsExactly(
            new ContainerEdits.Hook(
                "createContainer",
                "/usr/bin/ctk",
                List.of("ctk", "hook"),
                List.of("DEBUG=0"),
                OptionalInt.of(7)));
    assertThat(edits.groups()).containsExactly(44L);
  }

  @Test
  void aLaterFolderComesBeforeAnEarlierOne() throws Exception {
    write(etc, "a.json", simple("vendor.example/gpu", "0", "FROM=etc"));
    write(etc, "b.json", simple("vendor.example/gpu", "1", "FROM=etc"));
    write(run, "a.json", simple("vendor.example/gpu", "0", "FROM=run"));
    assertThat(cdi.edits(List.of("vendor.example/gpu=0")).environment())
        .containsExactly("FROM=run");
    assertThat(cdi.edits(List.of("vendor.example/gpu=1")).environment())
        .containsExactly("FROM=etc");
  }

  @Test
  void whatTwoFilesOfAFolderDescribeIsNone() throws Exception {
    write(run, "a.json", simple("vendor.example/gpu", "0", "FROM=a"));
    write(run, "b.json", simple("vendor.example/gpu", "0", "FROM=b"));
    write(run, "broken.json", "{");
    assertThatThrownBy(() -> cdi.edits(List.of("vendor.example/gpu=0")))
        .isInstanceOf(CdiException.class)
        .hasMessageContaining("unresolvable CDI devices vendor.example/gpu=0")
        .hasMessageContaining(
            "vendor.example/gpu=0 is in %s/a.json and in %s/b.json".formatted(run, run))
        .hasMessageContaining("broken.json is not used");
  }

  @Test
  void noDevicesNeedNoFiles() throws Exception {
    assertThat(cdi.edits(List.of())).isEqualTo(ContainerEdits.NONE);
  }

  record Wrong(String content, String why) {
    @Override
    public String toString() {
      return why;
    }
  }

  private static Wrong edits(String edits, String why) {
    return new Wrong(
        """
        {"cdiVersion":"1.0.0","kind":"v.example/x",
         "devices":[{"name":"0","containerEdits":{%s}}]}
        """
            .formatted(edits),
        why);
  }

  static List<Wrong> wrongs() {
    return List.of(
        new Wrong("[]", "it is no JSON or YAML object"),
        new Wrong(
            "{\"cdiVersion\":\"2.0.0\",\"kind\":\"v.example/x\"}",
            "cdiVersion \"2.0.0\" is not known here"),
        new Wrong("{\"cdiVersion\":\"0.6.0\",\"kind\":\"x\"}", "\"x\" is no vendor.example/class"),
        new Wrong("{\"cdiVersion\":\"0.6.0\",\"kind\":\"v.example/x\"}", "it has no devices"),
        edits("\"netDevices\":[]", "field \"netDevices\" is not known here"),
        edits("\"env\":[\"=x\"]", "env \"=x\" is not NAME=value"),
        edits("\"deviceNodes\":[{\"type\":\"c\"}]", "deviceNodes: path is not given"),
        edits("\"deviceNodes\":[{\"path\":\"/d\",\"type\":\"z\"}]", "type \"z\" is none of"),
        edits("\"mounts\":[{\"hostPath\":\"/a\"}]", "mounts: containerPath is not given"),
        edits("\"hooks\":[{\"hookName\":\"x\",\"path\":\"/a\"}]", "\"x\" is no stage"),
        edits("\"intelRdt\":{\"closID\":\"a\"}", "intelRdt is not supported"),
        edits("\"deviceNodes\":[{\"path\":\"/dev/no-such-thing\"}]", "device /dev/no-such-thing"),
        edits("\"deviceNodes\":[{\"path\":\"/etc\"}]", "/etc is not a device node"),
        edits("\"deviceNodes\":[{\"path\":\"/dev/null\",\"type\":\"b\"}]", "of the type c, not b"));
  }

  @ParameterizedTest
  @MethodSource("wrongs")
  void aFileThatIsWrongSaysWhatIsWrong(Wrong wrong) throws Exception {
    write(etc, "wrong.json", wrong.content());
    assertThatThrownBy(() -> cdi.edits(List.of("v.example/x=0")))
        .isInstanceOf(CdiException.class)
        .hasMessageContaining("wrong.json")
        .hasMessageContaining(wrong.why());
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.ValueSource(
      strings = {"gpu0", "vendor/=0", "vendor.example/gpu=", "=0", "vendor.example/gpu=a/b"})
  void otherNamesAreNone(String name) {
    assertThatThrownBy(() -> cdi.edits(List.of(name))).isInstanceOf(CdiException.class);
  }
}
