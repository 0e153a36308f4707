package io.coxswain.kubectl.command;

import io.coxswain.kubectl.testing.CommandLine;
import io.coxswain.kubectl.testing.FakeServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// A server for each test, and a command line that leads to it.
abstract class AgainstFakeServer {

  static final String PODS = "/api/v1/namespaces/default/pods";
  static final String DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";

  @TempDir Path folder;
  FakeServer server;
  CommandLine commands;

  @BeforeEach
  final void startServer() throws Exception {
    server = FakeServer.start();
    commands = CommandLine.against(server, folder);
  }

  @AfterEach
  final void stopServer() {
    server.close();
  }

  CommandLine.Ran run(String line) {
    return commands.run(line.split(" ", -1));
  }
}
