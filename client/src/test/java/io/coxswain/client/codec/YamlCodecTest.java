package io.coxswain.client.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coxswain.client.ApiException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

class YamlCodecTest {

  private static String json(String yaml) {
    return YamlCodec.parse(yaml).getFirst().content().toString();
  }

  /// As editors indent it, and with YAML's freedom of a comma at the end.
  @Test
  void jsonMayBeIndentedByTabs() {
    assertThat(json("\n\t{\n\t\t\"a\": [{\n \t\"b\":  1,\n\t\t}]\n\t}"))
        .isEqualTo("{\"a\":[{\"b\":1}]}");
    assertThatThrownBy(() -> json("a:\n\tb: 1")).isInstanceOf(ApiException.class);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "0644 | 420",
        "0o644 | 420",
        "-0644 | -420",
        "0x1F | 31",
        "0b101 | 5",
        "08 | 8",
        "1_000 | 1000",
        "+12 | 12",
        "18446744073709551615 | 18446744073709551615",
        "1.5 | 1.5",
        "1.0 | 1",
        "1e3 | 1000",
        ".5 | 0.5",
        "1.2.3 | \"1.2.3\"",
        "1Gi | \"1Gi\"",
        "12:30:45 | \"12:30:45\"",
        "yes | true",
        "on | true",
        "No | false",
        "Off | false",
        "y | true",
        "'yes' | \"yes\"",
        "\"0644\" | \"0644\"",
        "!!str 12 | \"12\"",
        "!!int '12' | 12",
        "~ | null",
        "2026-11-23 | \"2026-11-23\"",
        "!custom 5 | \"5\"",
        "0x | \"0x\"",
      })
  void readsScalarsAsGoDoes(String yaml, String json) {
    assertThat(json("a: " + yaml)).isEqualTo("{\"a\":" + json + "}");
    assertThat(json("[" + yaml + ", x]")).isEqualTo("[" + json + ",\"x\"]");
  }

  @Test
  void readsSeveralDocuments() {
    var documents = YamlCodec.parse("# c\n---\na: 1\n---\n# nothing\n---\nb: 2\n...\n");
    assertThat(documents)
        .extracting(d -> d.content().toString())
        .containsExactly("{\"a\":1}", "{\"b\":2}");
    assertThat(documents).extracting(YamlDocument::line).containsExactly(3, 7);
    assertThat(documents).extracting(YamlDocument::index).containsExactly(0, 1);
  }

  @Test
  void keysAreStringsAnchorsAndMergesWork() {
    assertThat(json("1: a\ntrue: b\nbase: &b {x: 1, y2: 2}\nd:\n  <<: *b\n  x: 3\ne: *b\n"))
        .isEqualTo(
            "{\"1\":\"a\",\"true\":\"b\",\"base\":{\"x\":1,\"y2\":2},\"d\":{\"x\":3,\"y2\":2},\"e\":{\"x\":1,\"y2\":2}}");
  }

  @Test
  void notesDuplicateKeysWithTheirPlace() {
    var document =
        YamlCodec.parse("spec:\n  replicas: 1\n  items:\n  - a: 1\n    a: 2\n  replicas: 2\n")
            .getFirst();
    assertThat(document.duplicates())
        .containsExactly(
            "duplicate field \"spec.items[0].a\" (line 5)",
            "duplicate field \"spec.replicas\" (line 6)");
    assertThat(document.content().at("/spec/replicas").asInt()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "a: 1\\n b: 2|line 2: ",
        "a: [1, 2|line 1: ",
        "a: b: c|line 1: ",
        "a:\\n\\tb: 1|line 2: ",
        "a: *nope|line 1: unknown anchor 'nope'",
        "a: .inf|line 1: cannot decode \".inf\"",
        "~: 1|line 1: unsupported map key",
        "[1]: 1|line 1: unsupported map key",
        "a: \"\\u|a malformed escape",
      })
  void saysWhereItIsBroken(String yaml, String expected) {
    assertThatThrownBy(() -> YamlCodec.parse(yaml.replace("\\n", "\n").replace("\\t", "\t")))
        .isInstanceOf(ApiException.class)
        .hasMessageStartingWith("error converting YAML to JSON: yaml: " + expected);
  }

  @Test
  void boundsAliasesAndDepth() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++) {
      String previous = "*a" + (i - 1);
      bomb.append("a%d: &a%d [%s]\n".formatted(i, i, (previous + ", ").repeat(9) + previous));
    }
    assertThatThrownBy(() -> YamlCodec.parse(bomb.toString()))
        .hasMessageContaining("excessive aliasing");
    assertThatThrownBy(() -> YamlCodec.parse("[".repeat(300) + "]".repeat(300)))
        .hasMessageContaining("nested deeper than 250");
  }

  @Test
  void refusesBytesThatAreNoText() {
    assertThatThrownBy(() -> YamlCodec.parse(new byte[] {'a', ':', ' ', (byte) 0xff, (byte) 0xfe}))
        .isInstanceOf(ApiException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plain",
        "with: colon",
        "yes",
        "0644",
        "1e3",
        "",
        " lead",
        "trail ",
        "- x",
        "#c",
        "a #c",
        "two\nlines",
        "two\nlines\n",
        "end\n\n",
        " lead\nx\n",
        "\n",
        "\t",
        "tab\tin",
        "it's",
        "say \"hi\"",
        "null",
        "~",
        "2026-11-23T00:00:00Z",
        "*a",
        "&a",
        "%x",
        "@x",
        "a:",
        ":",
        "?",
        "-",
        "---",
        "é",
        "😀",
        "\u0000",
        "\u2028",
        "a\rb",
        "<<",
        "=",
        "{}",
        "[]",
        "1_0",
        "!x",
        "|",
        ">",
        ".inf",
        "0x1F",
        "x\n\n  y\n z",
      })
  void whatIsWrittenIsReadBack(String text) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object
        .put("a", text)
        .putArray("l")
        .add(text)
        .addObject()
        .put(text.isEmpty() ? "k" : text, text);
    assertThat(YamlCodec.parse(YamlCodec.write(object)).getFirst().content())
        .as(YamlCodec.write(object))
        .isEqualTo(object);
  }

  @Test
  void longKeysAreReadBack() {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    String key = "v:\"" + "(".repeat(3000);
    object.put(key, "text").putArray("l").addObject().putArray(key + "list").add(1);
    object.putObject(key + "object").put("a", 1).putObject(key).put("b", 2);
    assertThat(YamlCodec.parse(YamlCodec.write(object)).getFirst().content()).isEqualTo(object);
  }

  @Test
  void printsAsKubectlDoes() {
    JsonNode node =
        new JsonCodec()
            .readTree(
                "{\"b\":[{\"y\":1,\"x\":[1,[2]]},{}],\"a\":{\"t\":\"l1\\nl2\\n\",\"e\":[],\"s\":\"true\"}}"
                    .getBytes(StandardCharsets.UTF_8));
    assertThat(YamlCodec.write(node))
        .isEqualTo(
            """
            a:
              e: []
              s: "true"
              t: |
                l1
                l2
            b:
            - x:
              - 1
              - - 2
              "y": 1
            - {}
            """);
  }

  @Test
  void anyTreeSurvives() {
    for (int seed = 0; seed < 3000; seed++) {
      JsonNode tree = tree(new Random(seed), 0);
      if (!tree.isNull()) {
        assertThat(YamlCodec.parse(YamlCodec.write(tree)).getFirst().content())
            .as("seed " + seed)
            .isEqualTo(tree);
      }
    }
  }

  private static JsonNode tree(Random random, int depth) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (random.nextInt(depth > 4 ? 4 : 7)) {
      case 0 -> nodes.stringNode(text(random));
      case 1 -> nodes.numberNode(random.nextLong() | 1L << 40);
      case 2 -> nodes.booleanNode(random.nextBoolean());
      case 3 -> nodes.nullNode();
      case 4 -> {
        ArrayNode list = nodes.arrayNode();
        for (int i = random.nextInt(4); i > 0; i--) {
          list.add(tree(random, depth + 1));
        }
        yield list;
      }
      default -> {
        ObjectNode object = nodes.objectNode();
        for (int i = random.nextInt(5); i > 0; i--) {
          object.set(text(random), tree(random, depth + 1));
        }
        yield object;
      }
    };
  }

  private static String text(Random random) {
    String letters = "ab01yn-:#'\"\\ \n\t{}[],&*!|>%@`?~.<=é😀_eExX+";
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(8); i > 0; i--) {
      text.appendCodePoint(
          letters.codePointAt(
              letters.offsetByCodePoints(
                  0, random.nextInt(letters.codePointCount(0, letters.length())))));
    }
    return text.toString();
  }
}
