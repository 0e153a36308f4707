package io.coxswain.controlplane.server;

import com.google.protobuf.Message;
import io.coxswain.api.authentication.v1.TokenRequest;
import io.coxswain.api.meta.v1.DeleteOptions;
import io.coxswain.api.rbac.v1.PolicyRule;
import io.coxswain.client.ApiError;
import io.coxswain.client.ApiException;
import io.coxswain.client.Patch;
import io.coxswain.controlplane.admission.dynamic.Operation;
import io.coxswain.controlplane.audit.AuditLog;
import io.coxswain.controlplane.audit.Trail;
import io.coxswain.controlplane.authn.ServiceAccountTokens;
import io.coxswain.controlplane.authn.User;
import io.coxswain.controlplane.authz.Attributes;
import io.coxswain.controlplane.authz.Authorizer;
import io.coxswain.controlplane.authz.Decision;
import io.coxswain.controlplane.authz.Escalation;
import io.coxswain.controlplane.authz.NodeRestriction;
import io.coxswain.controlplane.authz.RoleAuthorizer;
import io.coxswain.controlplane.authz.SignerPermission;
import io.coxswain.controlplane.fairness.Fairness;
import io.coxswain.controlplane.fairness.Flow;
import io.coxswain.controlplane.fairness.Seat;
import io.coxswain.controlplane.fairness.Width;
import io.coxswain.controlplane.registry.Catalog;
import io.coxswain.controlplane.registry.Deleted;
import io.coxswain.controlplane.registry.Guard;
import io.coxswain.controlplane.registry.ListQuery;
import io.coxswain.controlplane.registry.Listing;
import io.coxswain.controlplane.registry.Registry;
import io.coxswain.controlplane.registry.Target;
import io.coxswain.controlplane.registry.WatchQuery;
import io.coxswain.controlplane.registry.WriteOptions;
import io.coxswain.controlplane.registry.Written;
import io.coxswain.controlplane.watch.CacheWatch;
import io.coxswain.controlplane.watch.CachedObject;
import io.coxswain.schema.ResourceType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// The verbs as a user calls them: authorized, then done by the registry. REST, gRPC and the
/// clients in this process all come through here, so that one rule book holds for all.
///
/// Every call blocks and throws [ApiException] when it is refused.
public final class ApiPipeline {

  private final Authorizer authorizer;
  private final RoleAuthorizer roles;
  private final Escalation escalation;
  private final SignerPermission signers;
  private final ServiceAccountTokens tokens;
  private final Registry registry;
  private final Fairness fairness;
  private final AuditLog audit;

  /// @param fairness which every door asks for a seat before it calls a verb
  /// @param roles which `authorizer` asks, too
  /// @param audit which every door tells of a request
  public ApiPipeline(
      Authorizer authorizer,
      RoleAuthorizer roles,
      ServiceAccountTokens tokens,
      Registry registry,
      Fairness fairness,
      AuditLog audit) {
    this.authorizer = authorizer;
    this.roles = roles;
    this.escalation = new Escalation(roles, authorizer);
    this.signers = new SignerPermission(authorizer);
    this.tokens = tokens;
    this.registry = registry;
    this.fairness = fairness;
    this.audit = audit;
  }

  AuditLog audit() {
    return audit;
  }

  /// Which flow a request belongs to.
  Flow flow(Attributes wanted) {
    return fairness.classify(wanted);
  }

  /// A seat for a request. Blocks while there is none.
  ///
  /// @param option reads what else the request asks for; empty when it does not
  /// @param onGone is given what to call when the client has gone
  /// @throws ApiException with TooManyRequests
  Seat enter(
      Flow flow,
      Attributes wanted,
      UnaryOperator<String> option,
      Duration patience,
      Consumer<Runnable> onGone) {
    int seats =
        Width.of(
            wanted.verb(),
            !wanted.name().isEmpty(),
            option,
            () -> registry.stored(wanted.group(), wanted.version(), wanted.resource()),
            flow.mostSeats());
    return fairness.enter(flow, seats, patience, onGone);
  }

  /// @throws ApiException with Forbidden, worded for the user
  public void authorize(Attributes wanted) {
    authorize(wanted, Trail.NONE);
  }

  /// As [#authorize(Attributes)], and lets the audit log know.
  void authorize(Attributes wanted, Trail trail) {
    Decision decision = authorizer.authorize(wanted);
    trail.decided(decision);
    if (!decision.allowed()) {
      throw new ApiException(new ApiError.Forbidden(wanted.forbidden(decision.reason())));
    }
  }

  public Decision decide(Attributes wanted) {
    return authorizer.authorize(wanted);
  }

  /// What roles allow the user in a namespace, for the user to look at.
  List<PolicyRule> rules(User user, String namespace) {
    return roles.rules(user, namespace);
  }

  /// Every kind that is served now.
  Catalog catalog() {
    return registry.catalog();
  }

  /// For who asks whether a token is good.
  ServiceAccountTokens tokens() {
    return tokens;
  }

  public CachedObject read(User user, Target target, String resourceVersion) {
    authorize(attributes(user, "get", target));
    return registry.read(target, resourceVersion);
  }

  /// What a write of this kind answered, as the cache has it, if it has.
  Optional<CachedObject> holding(ResourceType<?> type, Message written) {
    return registry.holding(type, written);
  }

  /// The object that an already authorized request for a part of it is about.
  CachedObject readFor(User user, Target target) {
    return registry.read(target, "");
  }

  /// Asks webhooks and policies whether an already authorized request may connect to the part.
  ///
  /// @param how the part's own options
  void connect(User user, Target target, Message how, WriteOptions options) {
    var _ = registry.admitted(target, Operation.CONNECT, how, options.sentBy(user));
  }

  /// Objects that an already authorized request tells something about.
  Listing listFor(ListQuery query) {
    return registry.list(query);
  }

  public Message readPart(User user, Target target) {
    authorize(attributes(user, "get", target));
    return registry.readPart(target);
  }

  public Listing list(User user, ListQuery query) {
    authorize(attributes(user, "list", query.type(), query.namespace(), query.fieldSelector()));
    return registry.list(query);
  }

  public CacheWatch watch(User user, WatchQuery query) {
    authorize(attributes(user, "watch", query.type(), query.namespace(), query.fieldSelector()));
    return registry.watch(query);
  }

  public Written create(User user, Target target, Message body, WriteOptions options) {
    Attributes wanted = attributes(user, "create", target);
    authorize(wanted);
    refuse(wanted, NodeRestriction.onCreate(user, body));
    refuse(wanted, escalation.onCreate(user, target.namespace(), body));
    WriteOptions asked = options.sentBy(user);
    if (body instanceof TokenRequest sent) {
      TokenRequest request = registry.admitted(target, Operation.CREATE, sent, asked);
      return new Written(tokens.issue(target.namespace(), target.name(), request), true, List.of());
    }
    return withWarnings(
        registry.create(target, body, asked),
        target.subresource().isEmpty() ? Unbuilt.warnings(target.type()) : List.of());
  }

  public Written update(User user, Target target, Message body, WriteOptions options) {
    Attributes wanted = attributes(user, "update", target);
    authorize(wanted);
    return registry.update(
        target, body, options.sentBy(user).guardedBy(restriction(wanted, target)));
  }

  public Written patch(User user, Target target, Patch patch, WriteOptions options) {
    Attributes wanted = attributes(user, "patch", target);
    authorize(wanted);
    Written written =
        registry.patch(target, patch, options.sentBy(user).guardedBy(restriction(wanted, target)));
    return written.created() ? withWarnings(written, Unbuilt.warnings(target.type())) : written;
  }

  public Deleted delete(User user, Target target, DeleteOptions how, WriteOptions options) {
    authorize(attributes(user, "delete", target));
    return registry.delete(target, how, options.sentBy(user));
  }

  public Listing deleteCollection(
      User user, ListQuery query, DeleteOptions how, WriteOptions options) {
    authorize(
        attributes(
            user, "deletecollection", query.type(), query.namespace(), query.fieldSelector()));
    return registry.deleteCollection(query, how, options.sentBy(user));
  }

  private Guard restriction(Attributes wanted, Target target) {
    User user = wanted.user();
    return new Guard() {
      @Override
      public void check(Message before, Message after) {
        refuse(wanted, NodeRestriction.onUpdate(user, before, after));
        refuse(wanted, escalation.onUpdate(user, wanted.namespace(), before, after));
        signers
            .onUpdate(user, target.subresource(), before, after)
            .ifPresent(why -> {
              throw new ApiException(
                  new ApiError.Forbidden(
                      "%s \"%s\" is forbidden: %s"
                          .formatted(target.type().qualifiedPlural(), target.name(), why)));
            });
      }

      @Override
      public void checkNew(Message object) {
        Attributes making = attributes(user, "create", target);
        authorize(making);
        refuse(making, NodeRestriction.onCreate(user, object));
        refuse(making, escalation.onCreate(user, target.namespace(), object));
      }
    };
  }

  private static void refuse(Attributes wanted, Optional<String> reason) {
    reason.ifPresent(why -> {
      throw new ApiException(new ApiError.Forbidden(wanted.forbidden(why)));
    });
  }

  private static Written withWarnings(Written written, List<String> more) {
    if (more.isEmpty()) {
      return written;
    }
    List<String> all = new ArrayList<>(written.warnings());
    all.addAll(more);
    return new Written(written.object(), written.created(), all);
  }

  private static Attributes attributes(User user, String verb, Target target) {
    ResourceType<?> type = target.type();
    return new Attributes(
        user,
        verb,
        type.group(),
        type.version(),
        type.plural(),
        target.subresource(),
        target.namespace(),
        target.name(),
        "",
        "");
  }

  private static Attributes attributes(
      User user, String verb, ResourceType<?> type, String namespace, String fieldSelector) {
    return new Attributes(
        user,
        verb,
        type.group(),
        type.version(),
        type.plural(),
        "",
        namespace,
        RequestInfo.onlyName(fieldSelector),
        fieldSelector,
        "");
  }
}
