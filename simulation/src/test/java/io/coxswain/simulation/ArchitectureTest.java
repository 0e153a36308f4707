package io.coxswain.simulation;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SliceRule;
import io.coxswain.schema.FieldSchema;
import io.coxswain.schema.MessageSchema;
import io.coxswain.schema.Schema;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What may use what, as `docs/ARCHITECTURE.md` has it: in this module because it sees all others.
class ArchitectureTest {

  private static JavaClasses all;

  @BeforeAll
  static void read() {
    all =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(
                "io.coxswain.schema",
                "io.coxswain.client",
                "io.coxswain.controlplane",
                "io.coxswain.scheduler",
                "io.coxswain.node",
                "io.coxswain.kubectl");
  }

  record Rule(String about, ArchRule rule) {
    @Override
    public String toString() {
      return about;
    }
  }

  private static Rule never(String about, String from, String... to) {
    return new Rule(
        about,
        noClasses()
            .that()
            .resideInAPackage(from)
            .should()
            .dependOnClassesThat(resideInAnyPackage(to)));
  }

  /// Only these packages may use those.
  private static Rule only(String about, List<String> users, String... used) {
    return new Rule(
        about,
        noClasses()
            .that()
            .resideOutsideOfPackages(users.toArray(String[]::new))
            .should()
            .dependOnClassesThat(resideInAnyPackage(used)));
  }

  private static final String PLANE = "io.coxswain.controlplane";

  static Stream<Rule> rules() {
    return Stream.of(
        never(
            "the schema knows nobody",
            "io.coxswain.schema..",
            "io.coxswain.client..",
            PLANE + "..",
            "io.coxswain.scheduler..",
            "io.coxswain.node..",
            "io.coxswain.kubectl.."),
        never(
            "the client knows none of its users",
            "io.coxswain.client..",
            PLANE + "..",
            "io.coxswain.scheduler..",
            "io.coxswain.node..",
            "io.coxswain.kubectl.."),
        never(
            "the control plane knows no other part",
            PLANE + "..",
            "io.coxswain.scheduler..",
            "io.coxswain.node..",
            "io.coxswain.kubectl.."),
        never(
            "the scheduler knows no other part",
            "io.coxswain.scheduler..",
            PLANE + "..",
            "io.coxswain.node..",
            "io.coxswain.kubectl.."),
        never(
            "the agent knows no other part",
            "io.coxswain.node..",
            PLANE + "..",
            "io.coxswain.scheduler..",
            "io.coxswain.kubectl.."),
        never(
            "kubectl-lite knows no other part, and starts without what starts slowly",
            "io.coxswain.kubectl..",
            PLANE + "..",
            "io.coxswain.scheduler..",
            "io.coxswain.node..",
            "io.coxswain.client.rpc..",
            "io.coxswain.client.informer..",
            "com.google.protobuf..",
            "io.grpc..",
            "io.netty..",
            "org.slf4j.."),
        only(
            "the store is reached by registry and caches, and by what encrypts on the way to it",
            List.of(
                PLANE + ".storage",
                PLANE + ".encryption",
                PLANE + ".registry",
                PLANE + ".watch",
                PLANE),
            PLANE + ".storage.."),
        only("etcd's client ends in the store", List.of(PLANE + ".storage"), "io.etcd.."),
        never(
            "controllers reach the API as everybody does",
            PLANE + ".controller..",
            PLANE + ".storage..",
            PLANE + ".registry..",
            PLANE + ".watch..",
            PLANE + ".server..",
            PLANE + ".edge..",
            PLANE + ".link..",
            PLANE + ".admission.."),
        never(
            "the edge knows HTTP and no API",
            PLANE + ".edge..",
            "io.coxswain.api..",
            "io.coxswain.client..",
            PLANE + ".server..",
            PLANE + ".registry..",
            PLANE + ".authn..",
            PLANE + ".authz.."),
        never(
            "the registry serves doors that it does not know",
            PLANE + ".registry..",
            PLANE + ".server..",
            PLANE + ".edge..",
            PLANE + ".link..",
            PLANE + ".stream..",
            PLANE + ".authz.."),
        never(
            "rules look at objects and at nothing else",
            PLANE + ".admission..",
            PLANE + ".registry..",
            PLANE + ".watch..",
            PLANE + ".storage..",
            PLANE + ".server.."),
        never(
            "rules of the scheduler decide, and ask nobody",
            "io.coxswain.scheduler.plugin..",
            "io.coxswain.client.rpc..",
            "io.coxswain.client.informer.."),
        new Rule(
            "the kernel is called in few places",
            noClasses()
                .that(
                    not(
                        resideInAnyPackage(
                            "io.coxswain.node.host..",
                            "io.coxswain.node.netlink..",
                            "io.coxswain.node.filesystem..",
                            "io.coxswain.node.service..")))
                .should()
                .dependOnClassesThat(name("java.lang.foreign.Linker"))),
        new Rule(
            "names say what a thing is",
            classes()
                .should()
                .haveSimpleNameNotEndingWith("Impl")
                .andShould()
                .haveSimpleNameNotEndingWith("Manager")
                .andShould()
                .haveSimpleNameNotEndingWith("Helper")
                .andShould()
                .haveSimpleNameNotEndingWith("Util")
                .andShould()
                .haveSimpleNameNotEndingWith("Utils")),
        new Rule(
            "packages are features",
            noClasses().should().resideInAnyPackage("..util..", "..utils..", "..common..")));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void isKept(Rule rule) {
    rule.rule().check(all);
  }

  /// The packages on top: they wire the others, and hold the words that all of them use.
  private static final Set<String> MODULES =
      Set.of(
          "io.coxswain.client",
          "io.coxswain.controlplane",
          "io.coxswain.scheduler",
          "io.coxswain.node",
          "io.coxswain.kubectl");

  private record Backward(String from, String to) {}

  /// Where it is not so yet. This list only gets shorter.
  private static final List<Backward> BACKWARD =
      List.of(
          new Backward("io.coxswain.node.network", "io.coxswain.node.dns"),
          new Backward("io.coxswain.node.network", "io.coxswain.node.service"),
          new Backward("io.coxswain.node.podworker", "io.coxswain.node.podsource"),
          new Backward("io.coxswain.node.volume", "io.coxswain.node.podsource"),
          new Backward("io.coxswain.kubectl.output", "io.coxswain.kubectl.resource"));

  @Test
  void packagesDependOneWay() {
    SliceRule rule = slices().assignedFrom(new ByPackage()).should().beFreeOfCycles();
    for (Backward one : BACKWARD) {
      rule = rule.ignoreDependency(resideInAPackage(one.from()), resideInAPackage(one.to()));
    }
    rule.check(all);
  }

  private static final class ByPackage implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass one) {
      String name = one.getPackageName();
      return name.startsWith("io.coxswain.") && !MODULES.contains(name)
          ? SliceIdentifier.of(name)
          : SliceIdentifier.ignore();
    }

    @Override
    public String getDescription() {
      return "every package";
    }
  }

  /// A field that is said to have no effect is read by nobody who acts.
  @Test
  void fieldsWithoutEffectAreNotActedUpon() {
    Map<String, String> getters = getters();
    Set<String> read = new TreeSet<>();
    for (JavaClass actor :
        all.that(
            resideInAnyPackage(
                "io.coxswain.node..", "io.coxswain.scheduler..", PLANE + ".controller.."))) {
      for (JavaMethodCall call : actor.getMethodCallsFromSelf()) {
        String field =
            getters.get(call.getTargetOwner().getName() + "." + call.getTarget().getName());
        if (field != null) {
          read.add(field + " in " + actor.getName());
        }
      }
    }
    assertThat(getters).isNotEmpty();
    assertThat(read).isEmpty();
  }

  private static Map<String, String> getters() {
    Map<String, String> getters = new HashMap<>();
    Schema.api().types().stream()
        .map(type -> type.prototype().getDescriptorForType().getFile())
        .flatMap(file -> Stream.concat(Stream.of(file), file.getDependencies().stream()))
        .distinct()
        .flatMap(file -> file.getMessageTypes().stream())
        .flatMap(message -> MessageSchema.of(message).fields().stream())
        .filter(FieldSchema::noEffect)
        .forEach(field -> {
          String owner =
              field.descriptor().getContainingType().getFullName().replaceFirst("^", "io.");
          String name = field.jsonName();
          String suffix = Character.toUpperCase(name.charAt(0)) + name.substring(1);
          for (String getter :
              List.of(
                  "get" + suffix,
                  "has" + suffix,
                  "get" + suffix + "List",
                  "get" + suffix + "Count")) {
            getters.put(owner + "." + getter, field.descriptor().getFullName());
          }
        });
    return getters;
  }
}
