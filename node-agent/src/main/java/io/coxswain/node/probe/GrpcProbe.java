package io.coxswain.node.probe;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// The health check that gRPC servers answer (grpc/doc/health-checking.md), read without its
/// generated classes: one text goes out, one number comes back.
final class GrpcProbe {

  private static final int SERVICE = 1;
  private static final int STATUS = 1;
  private static final long SERVING = 1;

  private static final MethodDescriptor<UnknownFieldSet, UnknownFieldSet> CHECK =
      MethodDescriptor.<UnknownFieldSet, UnknownFieldSet>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("grpc.health.v1.Health/Check")
          .setRequestMarshaller(new Fields())
          .setResponseMarshaller(new Fields())
          .build();

  private GrpcProbe() {}

  static Prober.Answer check(String host, int port, String service, Duration timeout)
      throws IOException {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(host, port).usePlaintext().directExecutor().build();
    try {
      UnknownFieldSet request =
          UnknownFieldSet.newBuilder()
              .addField(
                  SERVICE,
                  UnknownFieldSet.Field.newBuilder()
                      .addLengthDelimited(ByteString.copyFromUtf8(service))
                      .build())
              .build();
      UnknownFieldSet answer =
          ClientCalls.blockingUnaryCall(
              channel,
              CHECK,
              CallOptions.DEFAULT.withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS),
              request);
      boolean serving =
          answer.hasField(STATUS) && answer.getField(STATUS).getVarintList().contains(SERVING);
      return serving ? Prober.Answer.OK : Prober.Answer.failed("service is not serving");
    } catch (StatusRuntimeException e) {
      throw new IOException("gRPC health check: " + e.getMessage(), e);
    } finally {
      channel.shutdownNow();
    }
  }

  private static final class Fields implements MethodDescriptor.Marshaller<UnknownFieldSet> {
    @Override
    public InputStream stream(UnknownFieldSet value) {
      return new ByteArrayInputStream(value.toByteArray());
    }

    @Override
    public UnknownFieldSet parse(InputStream stream) {
      try {
        return UnknownFieldSet.parseFrom(CodedInputStream.newInstance(stream));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
