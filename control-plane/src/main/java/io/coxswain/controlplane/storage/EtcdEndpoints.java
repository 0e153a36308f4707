package io.coxswain.controlplane.storage;

import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.StatusOr;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/// A fixed list of members as a gRPC target, `coxswain-etcd:///a:2379,b:2379`. gRPC tries them in
/// order and stays with the first that answers.
final class EtcdEndpoints extends NameResolverProvider {

  private static final String SCHEME = "coxswain-etcd";

  static {
    NameResolverRegistry.getDefaultRegistry().register(new EtcdEndpoints());
  }

  /// The target that stands for these members.
  static String target(List<String> endpoints) {
    return SCHEME + ":///" + String.join(",", endpoints);
  }

  @Override
  protected boolean isAvailable() {
    return true;
  }

  @Override
  protected int priority() {
    return 5;
  }

  @Override
  public String getDefaultScheme() {
    return SCHEME;
  }

  @Override
  public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
    return Set.of(InetSocketAddress.class);
  }

  @Override
  public NameResolver newNameResolver(URI target, NameResolver.Args args) {
    return new Fixed(List.of(target.getPath().substring(1).split(",")));
  }

  private static final class Fixed extends NameResolver {

    private final List<String> endpoints;

    Fixed(List<String> endpoints) {
      this.endpoints = endpoints;
    }

    @Override
    public String getServiceAuthority() {
      return endpoints.getFirst();
    }

    @Override
    public void start(Listener2 listener) {
      List<EquivalentAddressGroup> members = new ArrayList<>();
      for (String endpoint : endpoints) {
        int colon = endpoint.lastIndexOf(':');
        var address =
            new InetSocketAddress(
                endpoint.substring(0, colon), Integer.parseInt(endpoint.substring(colon + 1)));
        Attributes authority =
            Attributes.newBuilder()
                .set(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE, endpoint)
                .build();
        members.add(new EquivalentAddressGroup(address, authority));
      }
      listener.onResult(
          ResolutionResult.newBuilder().setAddressesOrError(StatusOr.fromValue(members)).build());
    }

    @Override
    public void shutdown() {}
  }
}
