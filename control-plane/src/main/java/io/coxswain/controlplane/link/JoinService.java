package io.coxswain.controlplane.link;

import io.coxswain.api.core.v1.Node;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.rpc.GrpcErrors;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.pki.Pem;
import io.coxswain.controlplane.pki.Pki;
import io.coxswain.controlplane.registry.Target;
import io.coxswain.controlplane.server.ApiPipeline;
import io.coxswain.rpc.v1.JoinGrpc;
import io.coxswain.rpc.v1.JoinReply;
import io.coxswain.rpc.v1.JoinRequest;
import io.coxswain.schema.ResourceType;
import io.grpc.stub.StreamObserver;
import java.security.GeneralSecurityException;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Signs the certificates of nodes: the first for a join token, later ones for the node's present
/// certificate. A token makes new nodes only: whoever finds one cannot become a node that is there,
/// and so read what its pods may read.
final class JoinService extends JoinGrpc.JoinImplBase {

  static final String NAME = JoinGrpc.SERVICE_NAME;

  private static final Logger LOG = LoggerFactory.getLogger(JoinService.class);

  /// RFC 1123, as names of Node objects.
  private static final Pattern NODE_NAME =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

  private static final int LONGEST_NAME = 253;
  private static final int LARGEST_REQUEST = 16 << 10;

  private static final User SELF = User.internal("join");

  private final Pki pki;
  private final ApiPipeline pipeline;

  /// @param pipeline knows which nodes there are
  JoinService(Pki pki, ApiPipeline pipeline) {
    this.pki = pki;
    this.pipeline = pipeline;
  }

  @Override
  public void sign(JoinRequest request, StreamObserver<JoinReply> answer) {
    String node = request.getNodeName();
    boolean renewal = Callers.current().map(User::nodeName).filter(node::equals).isPresent();
    if (node.length() > LONGEST_NAME || !NODE_NAME.matcher(node).matches()) {
      answer.onError(
          GrpcErrors.of(
              new ApiError.BadRequest(
                  "the node name must consist of lower case letters, digits, '-' and '.', and"
                      + " begin and end with a letter or digit")));
      return;
    }
    if (!renewal && !pki.joinTokens().accepts(request.getToken())) {
      LOG.warn("Refused to let node {} join: its token is wrong or has expired", node);
      answer.onError(
          GrpcErrors.of(
              new ApiError.Unauthorized(
                  "the join token is wrong or has expired: take a new one from the server's"
                      + " pki/join-token")));
      return;
    }
    try {
      if (!renewal && isMember(node)) {
        LOG.warn("Refused to let node {} join: there is a node of that name", node);
        answer.onError(
            GrpcErrors.of(
                new ApiError.Forbidden(
                    "there is a node \""
                        + node
                        + "\" in the cluster already, and a token does not replace it: join under"
                        + " another name (--node), or, when this is the same machine anew, first"
                        + " run kubectl delete node "
                        + node)));
        return;
      }
      if (request.getCertificateRequest().length() > LARGEST_REQUEST) {
        throw new GeneralSecurityException("the certificate request is too long");
      }
      JoinReply reply =
          JoinReply.newBuilder()
              .setCertificate(
                  Pem.encode(
                      pki.sign(request.getCertificateRequest(), "system:node:" + node, User.NODES)))
              .setCaCertificate(Pem.encode(pki.authority()))
              .build();
      LOG.info("Signed a certificate for node {}{}", node, renewal ? " (renewal)" : "");
      answer.onNext(reply);
      answer.onCompleted();
    } catch (ApiException e) {
      answer.onError(GrpcErrors.of(e.error()));
    } catch (GeneralSecurityException e) {
      answer.onError(GrpcErrors.of(new ApiError.BadRequest(e.getMessage() + "")));
    }
  }

  private boolean isMember(String node) {
    try {
      var _ = pipeline.read(SELF, Target.of(ResourceType.of(Node.class), "", node), "");
      return true;
    } catch (ApiException e) {
      if (e.isNotFound()) {
        return false;
      }
      throw e;
    }
  }
}
