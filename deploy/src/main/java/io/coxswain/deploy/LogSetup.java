package io.coxswain.deploy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.Map;

/// Which log lines there are, and how one looks. Logback finds this by its service file. A file of
/// its own kind would take 400 classes more to read, among them an XML parser, at each start and in
/// memory for good.
public final class LogSetup extends ContextAwareBase implements Configurator {

  private static final String LINE =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z',UTC} %-5level %logger{0} - %msg%n%ex{8}";

  private static final String LEVEL = "COXSWAIN_LOG_LEVEL";

  /// Names the file of somebody who wants it otherwise.
  private static final String FILE = "logback.configurationFile";

  private static final Map<String, Level> LIBRARIES =
      Map.of(
          "io.netty", Level.WARN,
          "io.grpc", Level.WARN,
          "io.etcd", Level.WARN,
          // gRPC asks for TCP's keep-alive, which a Unix socket has none of: a warning for each
          // connection
          "io.netty.bootstrap.Bootstrap", Level.ERROR,
          "io.netty.bootstrap.ServerBootstrap", Level.ERROR);

  @Override
  public ExecutionStatus configure(LoggerContext logging) {
    if (System.getProperty(FILE) != null) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    configure(logging, System.getenv().getOrDefault(LEVEL, "INFO"));
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /// @param level of what is no library's; INFO when it is none of Logback's names
  static void configure(LoggerContext logging, String level) {
    PatternLayoutEncoder lines = new PatternLayoutEncoder();
    lines.setContext(logging);
    lines.setPattern(LINE);
    lines.start();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(logging);
    appender.setName("stderr");
    appender.setTarget("System.err");
    appender.setEncoder(lines);
    appender.start();
    Logger root = logging.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.toLevel(level, Level.INFO));
    root.addAppender(appender);
    LIBRARIES.forEach((name, least) -> logging.getLogger(name).setLevel(least));
  }
}
