package io.coxswain.controlplane.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Both sides of a WebSocket may say at the same moment that all was said.
class WebSocketEndTest {

  private static final long PATIENCE_SECONDS = 10;

  private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(LocalIoHandler.newFactory());
  private final CompletableFuture<Channel> served = new CompletableFuture<>();
  private final List<Object> heard = new CopyOnWriteArrayList<>();
  private Channel client;
  private Channel server;

  @BeforeEach
  void connect() throws Exception {
    Channel listener =
        new ServerBootstrap()
            .group(loops)
            .channel(LocalServerChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    served.complete(channel);
                  }
                })
            .bind(new LocalAddress(WebSocketEndTest.class))
            .sync()
            .channel();
    client =
        new Bootstrap()
            .group(loops)
            .channel(LocalChannel.class)
            .handler(
                new ChannelInboundHandlerAdapter() {
                  @Override
                  public void channelRead(ChannelHandlerContext ctx, Object message) {
                    if (message instanceof WebSocketFrame) {
                      heard.add(message.getClass());
                    }
                    ReferenceCountUtil.release(message);
                  }
                })
            .connect(listener.localAddress())
            .sync()
            .channel();
    server = served.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @AfterEach
  void end() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  @Test
  void aClientThatSaysItMeanwhileHearsItAll() throws Exception {
    CountDownLatch said = new CountDownLatch(1);
    server
        .eventLoop()
        .execute(() -> {
          try {
            said.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          WebSocketEnd.heard(server, goodbye());
        });
    WebSocketEnd.say(server);
    said.countDown();
    awaitEnd();
    assertThat(heard).containsExactly(CloseWebSocketFrame.class);
  }

  @Test
  void aClientThatAnswersEndsTheConnection() throws Exception {
    WebSocketEnd.say(server);
    server.eventLoop().execute(() -> WebSocketEnd.heard(server, goodbye()));
    awaitEnd();
    assertThat(heard).containsExactly(CloseWebSocketFrame.class);
  }

  private static CloseWebSocketFrame goodbye() {
    return new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE);
  }

  private void awaitEnd() throws Exception {
    assertThat(client.closeFuture().await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
  }
}
