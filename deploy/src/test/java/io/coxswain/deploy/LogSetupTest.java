package io.coxswain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogSetupTest {

  @ParameterizedTest
  @CsvSource({"INFO, false", "DEBUG, true", "nonsense, false"})
  void aLineTellsWhenWhoAndWhat(String level, boolean detailed) {
    String said =
        said(
            level,
            logging -> {
              logging.getLogger("io.coxswain.deploy.Server").info("it runs");
              logging.getLogger("io.coxswain.deploy.Server").debug("detail");
            });
    assertThat(said)
        .containsPattern(
            "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z INFO  Server - it runs\n");
    assertThat(said.contains("detail")).isEqualTo(detailed);
  }

  @Test
  void librariesSayWhatIsWrongOnly() {
    String said =
        said(
            "INFO",
            logging -> {
              logging.getLogger("io.netty.channel.Channel").info("hello");
              logging.getLogger("io.grpc.Server").warn("odd");
              logging.getLogger("io.netty.bootstrap.ServerBootstrap").warn("no keep-alive");
            });
    assertThat(said).contains("odd").doesNotContain("hello").doesNotContain("keep-alive");
  }

  @Test
  void itIsFound() {
    assertThat(ServiceLoader.load(Configurator.class)).singleElement().isInstanceOf(LogSetup.class);
  }

  private interface Speech {
    void in(LoggerContext logging);
  }

  private static String said(String level, Speech speech) {
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    LoggerContext logging = new LoggerContext();
    logging.setMDCAdapter(new LogbackMDCAdapter());
    try {
      LogSetup.configure(logging, level);
      speech.in(logging);
    } finally {
      logging.stop();
      System.setErr(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
