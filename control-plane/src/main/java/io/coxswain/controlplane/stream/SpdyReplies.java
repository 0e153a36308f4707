package io.coxswain.controlplane.stream;

import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;

/// What a server answers on SPDY by itself.
///
/// Netty's session handler would do it, but it also keeps to SPDY's flow control, and the clients
/// of Kubernetes do not: they never widen the window, and every connection would stop after 64 KiB.
/// TCP holds writers back all the same.
final class SpdyReplies {

  private SpdyReplies() {}

  static SpdyPingFrame answer(SpdyPingFrame ping) {
    return new DefaultSpdyPingFrame(ping.id());
  }

  /// Accepts the stream. It carries a header because Netty writes a reply without any as one
  /// without a header block, for which Go's client waits forever.
  static SpdySynReplyFrame accept(SpdySynStreamFrame opened) {
    SpdySynReplyFrame reply = new DefaultSpdySynReplyFrame(opened.streamId());
    reply.headers().set("status", "200");
    return reply;
  }
}
