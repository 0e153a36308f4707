package io.coxswain.node.stream;

import io.coxswain.api.core.v1.Pod;
import io.coxswain.client.lifecycle.TaskScope;
import io.coxswain.node.host.Namespaces;
import io.coxswain.node.image.Images;
import io.coxswain.node.podworker.PodOrigin;
import io.coxswain.node.runtime.ContainerRecord;
import io.coxswain.node.runtime.PodRuntime;
import io.coxswain.rpc.v1.ExecStream;
import io.coxswain.rpc.v1.LogStream;
import io.coxswain.rpc.v1.PortForwardStream;
import io.coxswain.rpc.v1.StreamRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves one request on its carrier, whatever it asks for. Its last frame is a Status.
public final class Streams {

  private static final Logger log = LoggerFactory.getLogger(Streams.class);

  private final PodRuntime runtime;
  private final LogReader logs;
  private final ExecStreams execs;
  private final AttachStreams attaches;
  private final PortForwards portForwards;
  private final StatsSummary stats;
  private final NodePages pages;
  private final ImageLoads imageLoads;
  private final ImageSaves imageSaves;

  public Streams(
      PodRuntime runtime,
      Namespaces namespaces,
      FolderWatch folders,
      StatsSummary stats,
      NodePages pages,
      Images images) {
    this.runtime = runtime;
    this.logs = new LogReader(runtime, folders);
    this.execs = new ExecStreams(runtime);
    this.attaches = new AttachStreams(runtime);
    this.portForwards = new PortForwards(runtime, namespaces);
    this.stats = stats;
    this.pages = pages;
    this.imageLoads = new ImageLoads(images);
    this.imageSaves = new ImageSaves(images);
  }

  /// Blocks until the stream is over.
  void serve(StreamRequest request, Carrier carrier) throws InterruptedException {
    try (TaskScope tasks = new TaskScope("stream")) {
      carrier.send(Carrier.ERROR, answer(request, carrier, tasks));
    } catch (StreamRefused e) {
      refuse(carrier, e);
    } catch (IOException e) {
      log.debug("a stream broke", e);
      refuse(carrier, StreamRefused.internal(String.valueOf(e.getMessage())));
    }
  }

  private static void refuse(Carrier carrier, StreamRefused refusal) throws InterruptedException {
    try {
      carrier.send(Carrier.ERROR, StreamStatus.refused(refusal));
    } catch (IOException e) {
      log.debug("nobody hears that a stream failed", e);
    }
  }

  private byte[] answer(StreamRequest request, Carrier carrier, TaskScope tasks)
      throws IOException, InterruptedException, StreamRefused {
    return switch (request.getRequestCase()) {
      case LOG -> {
        LogStream wanted = request.getLog();
        Pod pod = pod(wanted.getUid(), wanted.getNamespace(), wanted.getPod());
        logs.write(pod, wanted, carrier, tasks);
        yield StreamStatus.success();
      }
      case EXEC -> {
        ExecStream wanted = request.getExec();
        Pod pod = pod(wanted.getUid(), wanted.getNamespace(), wanted.getPod());
        yield StreamStatus.exited(
            execs.run(running(pod, wanted.getContainer()), wanted, carrier, tasks));
      }
      case ATTACH -> {
        ExecStream wanted = request.getAttach();
        Pod pod = pod(wanted.getUid(), wanted.getNamespace(), wanted.getPod());
        attaches.run(running(pod, wanted.getContainer()), wanted, carrier, tasks);
        yield StreamStatus.success();
      }
      case PORT_FORWARD -> {
        PortForwardStream wanted = request.getPortForward();
        Pod pod = pod(wanted.getUid(), wanted.getNamespace(), wanted.getPod());
        portForwards.run(pod, wanted.getAddress(), wanted.getPort(), carrier, tasks);
        yield StreamStatus.success();
      }
      case STATS -> {
        carrier.send(Carrier.STDOUT, stats.json().getBytes(StandardCharsets.UTF_8));
        yield StreamStatus.success();
      }
      case PAGE -> {
        pages.write(request.getPage().getPath(), carrier);
        yield StreamStatus.success();
      }
      case IMAGE_LOAD -> {
        imageLoads.run(request.getImageLoad().getName(), carrier);
        yield StreamStatus.success();
      }
      case IMAGE_SAVE -> {
        imageSaves.run(request.getImageSave().getNamesList(), carrier, tasks);
        yield StreamStatus.success();
      }
      case REQUEST_NOT_SET ->
          throw StreamRefused.badRequest("this agent does not know the stream that was asked for");
    };
  }

  private Pod pod(String uid, String namespace, String name) throws StreamRefused, IOException {
    Optional<Pod> named = uid.isEmpty() ? Optional.empty() : runtime.find(uid);
    for (Pod pod : named.isPresent() ? List.of(named.get()) : runtime.known()) {
      boolean same =
          pod.getMetadata().getName().equals(name)
              && pod.getMetadata().getNamespace().equals(namespace);
      // The API knows one of the node's own pods by its mirror, which has another uid.
      if (same && (uid.isEmpty() || named.isPresent() || PodOrigin.isStatic(pod))) {
        return pod;
      }
    }
    throw StreamRefused.notFound(
        "pod \"%s\" is not on this node, or has not begun to run".formatted(name));
  }

  private ContainerRecord running(Pod pod, String name) throws StreamRefused, IOException {
    String wanted = name.isEmpty() ? pod.getSpec().getContainers(0).getName() : name;
    List<ContainerRecord> records = runtime.containers(pod.getMetadata().getUid());
    for (ContainerRecord record : records.reversed()) {
      if (record.container().equals(wanted) && record.running()) {
        return record;
      }
    }
    throw StreamRefused.badRequest(
        "container \"%s\" of pod \"%s\" does not run"
            .formatted(wanted, pod.getMetadata().getName()));
  }
}
