package io.coxswain.controlplane.admission;

import io.coxswain.api.core.v1.Container;
import io.coxswain.api.core.v1.ExecAction;
import io.coxswain.api.core.v1.LifecycleHandler;
import io.coxswain.api.core.v1.Probe;
import io.coxswain.api.core.v1.ProbeHandler;
import io.coxswain.api.intstr.IntOrString;

/// What holds for probes and life cycle handlers.
final class ProbeRules {

  private ProbeRules() {}

  static void check(Container container, String at, Problems problems) {
    if (container.hasLivenessProbe()) {
      probe(container.getLivenessProbe(), at + ".livenessProbe", true, problems);
    }
    if (container.hasReadinessProbe()) {
      String path = at + ".readinessProbe";
      probe(container.getReadinessProbe(), path, false, problems);
      if (container.getReadinessProbe().hasTerminationGracePeriodSeconds()) {
        problems.invalid(
            path + ".terminationGracePeriodSeconds",
            container.getReadinessProbe().getTerminationGracePeriodSeconds(),
            "must not be set for readinessProbes");
      }
    }
    if (container.hasStartupProbe()) {
      probe(container.getStartupProbe(), at + ".startupProbe", true, problems);
    }
    if (container.getLifecycle().hasPostStart()) {
      handler(container.getLifecycle().getPostStart(), at + ".lifecycle.postStart", problems);
    }
    if (container.getLifecycle().hasPreStop()) {
      handler(container.getLifecycle().getPreStop(), at + ".lifecycle.preStop", problems);
    }
  }

  private static void probe(Probe probe, String at, boolean onlyOnce, Problems problems) {
    ProbeHandler handler = probe.getHandler();
    int kinds = 0;
    if (handler.hasExec()) {
      kinds++;
      exec(handler.getExec(), at, problems);
    }
    if (handler.hasHttpGet()) {
      kinds++;
      port(handler.getHttpGet().getPort(), at + ".httpGet.port", problems);
    }
    if (handler.hasTcpSocket()) {
      kinds++;
      port(handler.getTcpSocket().getPort(), at + ".tcpSocket.port", problems);
    }
    if (handler.hasGrpc()) {
      kinds++;
    }
    count(kinds, at, problems);
    if (onlyOnce && probe.getSuccessThreshold() > 1) {
      problems.invalid(at + ".successThreshold", probe.getSuccessThreshold(), "must be 1");
    }
  }

  private static void handler(LifecycleHandler handler, String at, Problems problems) {
    int kinds = 0;
    if (handler.hasExec()) {
      kinds++;
      exec(handler.getExec(), at, problems);
    }
    if (handler.hasHttpGet()) {
      kinds++;
      port(handler.getHttpGet().getPort(), at + ".httpGet.port", problems);
    }
    if (handler.hasTcpSocket()) {
      kinds++;
      port(handler.getTcpSocket().getPort(), at + ".tcpSocket.port", problems);
    }
    if (handler.hasSleep()) {
      kinds++;
    }
    count(kinds, at, problems);
  }

  private static void count(int kinds, String at, Problems problems) {
    if (kinds == 0) {
      problems.required(at, "must specify a handler type");
    } else if (kinds > 1) {
      problems.forbidden(at, "may not specify more than 1 handler type");
    }
  }

  private static void exec(ExecAction action, String at, Problems problems) {
    if (action.getCommandCount() == 0) {
      problems.required(at + ".exec.command");
    }
  }

  static void port(IntOrString port, String at, Problems problems) {
    if (port.getType() == 0) {
      if (port.getIntVal() < 1 || port.getIntVal() > 65535) {
        problems.invalid(at, port.getIntVal(), "must be between 1 and 65535, inclusive");
      }
    } else {
      Names.port(port.getStrVal())
          .ifPresent(detail -> problems.invalid(at, port.getStrVal(), detail));
    }
  }
}
