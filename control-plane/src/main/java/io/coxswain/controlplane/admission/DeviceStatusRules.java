package io.coxswain.controlplane.admission;

import io.coxswain.api.meta.v1.Condition;
import io.coxswain.api.resource.v1.AllocatedDeviceStatus;
import io.coxswain.api.resource.v1.AllocationResult;
import io.coxswain.api.resource.v1.DeviceAllocationConfiguration;
import io.coxswain.api.resource.v1.DeviceRequestAllocationResult;
import io.coxswain.api.resource.v1.NetworkDeviceData;
import io.coxswain.api.resource.v1.ResourceClaim;
import io.coxswain.api.resource.v1.ResourceClaimConsumerReference;
import io.coxswain.api.resource.v1.ResourceClaimStatus;
import io.coxswain.client.codec.LabelSyntax;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What holds for what a claim got, and for what is told of its devices.
public final class DeviceStatusRules {

  private static final Pattern UID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  private static final Pattern REASON = Pattern.compile("[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?");

  private static final int MOST_USERS = 256;
  private static final int MOST_RESULTS = 32;
  private static final int MOST_CONDITIONS = 8;
  private static final int MOST_ADDRESSES = 16;
  private static final int LONGEST_INTERFACE = 256;
  private static final int LONGEST_HARDWARE_ADDRESS = 128;

  private DeviceStatusRules() {}

  static void check(ResourceClaim before, ResourceClaim after, Problems problems) {
    ResourceClaimStatus status = after.getStatus();
    users(status.getReservedForList(), problems);
    SchemaRules.checkStatus(after, problems);
    devices(status, problems);
    reserved(before, after, problems);
    String at = "status.allocation";
    if (before.getStatus().hasAllocation() && status.hasAllocation()) {
      if (!before.getStatus().getAllocation().equals(status.getAllocation())) {
        problems.invalidJson(at, SchemaRules.shown(status.getAllocation()), "field is immutable");
      }
    } else if (status.hasAllocation()) {
      allocation(
          status.getAllocation(),
          DeviceClaimRules.Names.of(after.getSpec().getDevices()),
          at,
          problems);
    }
  }

  private static void users(List<ResourceClaimConsumerReference> users, Problems problems) {
    String path = "status.reservedFor";
    if (!DeviceParts.fits(users.size(), MOST_USERS, path, problems)) {
      return;
    }
    Set<String> known = new HashSet<>();
    for (int i = 0; i < users.size(); i++) {
      if (!known.add(users.get(i).getUid())) {
        problems.duplicate(path + "[" + i + "]", users.get(i).getUid());
      }
    }
  }

  private static void reserved(ResourceClaim before, ResourceClaim after, Problems problems) {
    ResourceClaimStatus status = after.getStatus();
    if (status.getReservedForCount() == 0) {
      return;
    }
    String at = "status.reservedFor";
    if (!status.hasAllocation()) {
      problems.forbidden(at, "may not be specified when `allocated` is not set");
    } else if (after.getMetadata().hasDeletionTimestamp()
        && !Set.copyOf(before.getStatus().getReservedForList())
            .containsAll(status.getReservedForList())) {
      problems.forbidden(
          at,
          "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are"
              + " set");
    }
  }

  private static void allocation(
      AllocationResult allocation, DeviceClaimRules.Names names, String path, Problems problems) {
    String at = path + ".devices.results";
    var devices = allocation.getDevices();
    if (DeviceParts.fits(devices.getResultsCount(), MOST_RESULTS, at, problems)) {
      for (int i = 0; i < devices.getResultsCount(); i++) {
        result(devices.getResults(i), names, at + "[" + i + "]", problems);
      }
    }
    at = path + ".devices.config";
    int most = 2 * DeviceParts.MOST_CONFIGURATIONS; // of the class and of the claim
    if (DeviceParts.fits(devices.getConfigCount(), most, at, problems)) {
      for (int i = 0; i < devices.getConfigCount(); i++) {
        DeviceAllocationConfiguration one = devices.getConfig(i);
        names.references(one.getRequestsList(), at + "[" + i + "].requests", problems);
        DeviceParts.configuration(one.getDeviceConfiguration(), at + "[" + i + "]", problems);
      }
    }
    if (allocation.hasNodeSelector()) {
      DeviceParts.nodes(allocation.getNodeSelector(), path + ".nodeSelector", problems);
    }
  }

  private static void result(
      DeviceRequestAllocationResult result,
      DeviceClaimRules.Names names,
      String at,
      Problems problems) {
    names.reference(result.getRequest(), at + ".request", problems);
    place(result.getDriver(), result.getPool(), result.getDevice(), at, problems);
    DeviceParts.conditions(
        result.getBindingConditionsList(), result.getBindingFailureConditionsList(), at, problems);
    if (result.hasShareID()) {
      uid(result.getShareID(), at + ".shareID", problems);
    }
  }

  private static void place(
      String driver, String pool, String device, String at, Problems problems) {
    DeviceParts.driver(driver, at + ".driver", problems);
    DeviceParts.pool(pool, at + ".pool", problems);
    DeviceParts.label(device, at + ".device", problems);
  }

  private static void uid(String uid, String at, Problems problems) {
    if (!UID.matcher(uid).matches()) {
      problems.invalid(
          at,
          uid,
          "uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with"
              + " lowercase hexadecimal characters");
    }
  }

  private static void devices(ResourceClaimStatus status, Problems problems) {
    Set<String> allocated = allocated(status);
    Set<String> known = new HashSet<>();
    for (int i = 0; i < status.getDevicesCount(); i++) {
      AllocatedDeviceStatus device = status.getDevices(i);
      String at = "status.devices[" + i + "]";
      String id = id(device);
      if (!allocated.contains(id)) {
        problems.invalid(at, id, "must be an allocated device in the claim");
      }
      if (!known.add(id)) {
        problems.duplicate(at, id);
      }
      device(device, at, problems);
    }
  }

  private static void device(AllocatedDeviceStatus device, String at, Problems problems) {
    place(device.getDriver(), device.getPool(), device.getDevice(), at, problems);
    if (device.hasShareID()) {
      uid(device.getShareID(), at + ".shareID", problems);
    }
    String path = at + ".conditions";
    DeviceParts.fits(device.getConditionsCount(), MOST_CONDITIONS, path, problems);
    conditions(device.getConditionsList(), path, problems);
    if (device.hasData() && !device.getData().getRaw().isEmpty()) {
      DeviceParts.object(device.getData(), at + ".data", problems);
    }
    network(device.getNetworkData(), at + ".networkData", problems);
  }

  private static void conditions(List<Condition> conditions, String path, Problems problems) {
    Set<String> types = new HashSet<>();
    for (int i = 0; i < conditions.size(); i++) {
      Condition condition = conditions.get(i);
      String at = path + "[" + i + "]";
      if (!types.add(condition.getType())) {
        problems.duplicate(at + ".type", condition.getType());
      }
      LabelSyntax.keyProblem(condition.getType())
          .ifPresent(detail -> problems.invalid(at + ".type", condition.getType(), detail));
      Set<String> statuses = Set.of("True", "False", "Unknown");
      if (!statuses.contains(condition.getStatus())) {
        problems.unsupported(at + ".status", condition.getStatus(), statuses);
      }
      if (condition.getObservedGeneration() < 0) {
        problems.invalid(
            at + ".observedGeneration",
            condition.getObservedGeneration(),
            "must be greater than or equal to zero");
      }
      if (!condition.hasLastTransitionTime()) {
        problems.required(at + ".lastTransitionTime");
      }
      String reason = condition.getReason();
      if (!reason.isEmpty() && !REASON.matcher(reason).matches()) {
        problems.invalid(
            at + ".reason",
            reason,
            "a condition reason must start with alphabetic character, optionally followed by a"
                + " string of alphanumeric characters or '_,:', and must end with an alphanumeric"
                + " character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',"
                + "  or 'ReasonA:ReasonB', regex used for validation is"
                + " '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')");
      }
    }
  }

  private static void network(NetworkDeviceData data, String at, Problems problems) {
    if (data.getInterfaceName().length() > LONGEST_INTERFACE) {
      problems.tooLong(at + ".interfaceName", LONGEST_INTERFACE);
    }
    if (data.getHardwareAddress().length() > LONGEST_HARDWARE_ADDRESS) {
      problems.tooLong(at + ".hardwareAddress", LONGEST_HARDWARE_ADDRESS);
    }
    String path = at + ".ips";
    if (!DeviceParts.fits(data.getIpsCount(), MOST_ADDRESSES, path, problems)) {
      return;
    }
    Set<String> known = new HashSet<>();
    for (int i = 0; i < data.getIpsCount(); i++) {
      String address = data.getIps(i);
      if (!isInterfaceAddress(address)) {
        problems.invalid(
            path + "[" + i + "]",
            address,
            "must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)");
      }
      if (!known.add(address)) {
        problems.duplicate(path + "[" + i + "]", address);
      }
    }
  }

  private static boolean isInterfaceAddress(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches("0|[1-9][0-9]{0,2}")) {
      return false;
    }
    String address = text.substring(0, slash);
    int length = Integer.parseInt(text.substring(slash + 1));
    return Names.isIpv4(address) ? length <= 32 : Names.isIpv6(address) && length <= 128;
  }

  /// The devices that a claim has, each by one text.
  private static Set<String> allocated(ResourceClaimStatus status) {
    return status.getAllocation().getDevices().getResultsList().stream()
        .map(one -> id(one.getDriver(), one.getPool(), one.getDevice(), one.getShareID()))
        .collect(Collectors.toSet());
  }

  private static String id(AllocatedDeviceStatus device) {
    return id(device.getDriver(), device.getPool(), device.getDevice(), device.getShareID());
  }

  private static String id(String driver, String pool, String device, String share) {
    return driver + "/" + pool + "/" + device + (share.isEmpty() ? "" : "/" + share);
  }

  /// The status without what is told of devices that the claim has no more.
  public static ResourceClaimStatus withoutReleased(
      ResourceClaimStatus before, ResourceClaimStatus after) {
    Set<String> released = new HashSet<>(allocated(before));
    released.removeAll(allocated(after));
    if (released.isEmpty()) {
      return after;
    }
    return after.toBuilder()
        .clearDevices()
        .addAllDevices(
            after.getDevicesList().stream()
                .filter(device -> !released.contains(id(device)))
                .toList())
        .build();
  }
}
