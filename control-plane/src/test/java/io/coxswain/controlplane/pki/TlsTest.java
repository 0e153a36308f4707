package io.coxswain.controlplane.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {

  private static final int ROOM = 64 << 10;
  private static final byte OTHERS = 0x55;

  /// More than any handshake takes.
  private static final int STEPS = 50;

  @TempDir Path folder;
  private SSLEngine server;
  private SSLEngine client;

  @BeforeEach
  void connect() throws Exception {
    Pki pki = Pki.open(folder, Clock.systemUTC());
    server =
        Tls.serving(
                new Tls.RotatingKey(pki.serving("api", "api", List.of("localhost"))),
                Tls.acceptingAny(pki.authority()),
                new ApplicationProtocolConfig(
                    Protocol.ALPN,
                    SelectorFailureBehavior.NO_ADVERTISE,
                    SelectedListenerFailureBehavior.ACCEPT,
                    "h2",
                    "http/1.1"),
                List.of())
            .newEngine(UnpooledByteBufAllocator.DEFAULT);
    SSLContext trusting = SSLContext.getInstance("TLS");
    trusting.init(null, new TrustManager[] {Tls.trusting(pki.authority())}, null);
    client = trusting.createSSLEngine();
    client.setUseClientMode(true);
    SSLParameters parameters = client.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    client.setSSLParameters(parameters);
    client.beginHandshake();
    server.beginHandshake();
    ByteBuffer toServer = ByteBuffer.allocate(ROOM);
    ByteBuffer toClient = ByteBuffer.allocate(ROOM);
    for (int i = 0; i < STEPS; i++) {
      step(client, toClient, toServer);
      step(server, toServer, toClient);
    }
    assertThat(toClient.position()).isZero();
    assertThat(server.getHandshakeStatus()).isEqualTo(HandshakeStatus.NOT_HANDSHAKING);
    assertThat(server.getApplicationProtocol()).isEqualTo("h2");
  }

  /// The next thing that one side has to do for the handshake.
  private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
    Runnable task = engine.getDelegatedTask();
    if (task != null) {
      task.run();
    } else if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
      var _ = engine.wrap(ByteBuffer.allocate(0), out);
    } else {
      var _ = engine.unwrap(in.flip(), ByteBuffer.allocate(ROOM));
      in.compact();
    }
  }

  /// A window on memory that others use too, as a pool hands it out.
  private static ByteBuffer window(byte[] record) {
    ByteBuffer pool = ByteBuffer.allocateDirect(ROOM);
    for (int i = 0; i < ROOM; i++) {
      pool.put(i, OTHERS);
    }
    return pool.put(ROOM / 2, record).limit(ROOM / 2 + record.length).position(ROOM / 2);
  }

  private byte[] sent(String text) throws SSLException {
    ByteBuffer wire = ByteBuffer.allocate(ROOM);
    var _ = client.wrap(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), wire);
    byte[] record = new byte[wire.flip().remaining()];
    wire.get(record);
    return record;
  }

  @Test
  void aForgedRecordTouchesNobodyElsesMemory() throws Exception {
    byte[] record = sent("hello");
    record[record.length - 1] ^= 1;
    ByteBuffer src = window(record);

    assertThatThrownBy(() -> server.unwrap(src, ByteBuffer.allocate(ROOM)))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("Tag mismatch");

    for (int i = 0; i < ROOM / 2; i++) {
      assertThat(src.get(i)).as("byte %d", i).isEqualTo(OTHERS);
    }
  }

  @Test
  void aRecordIsReadFromTheMiddleOfAPool() throws Exception {
    ByteBuffer src = window(sent("hello"));
    ByteBuffer text = ByteBuffer.allocateDirect(ROOM);

    assertThat(server.unwrap(src, text).bytesProduced()).isEqualTo(5);

    assertThat(src.remaining()).isZero();
    assertThat(StandardCharsets.UTF_8.decode(text.flip()).toString()).isEqualTo("hello");
  }

  @Test
  void halfARecordIsLeftWhereItIs() throws Exception {
    ByteBuffer src = window(sent("hello"));
    src.limit(src.limit() - 1);
    int from = src.position();

    assertThat(server.unwrap(src, ByteBuffer.allocate(ROOM)).bytesConsumed()).isZero();

    assertThat(src.position()).isEqualTo(from);
  }
}
