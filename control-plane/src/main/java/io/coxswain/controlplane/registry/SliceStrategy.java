package io.coxswain.controlplane.registry;

import com.google.protobuf.Message;
import io.coxswain.api.meta.v1.Time;
import io.coxswain.api.resource.v1.Device;
import io.coxswain.api.resource.v1.DeviceTaint;
import io.coxswain.api.resource.v1.ResourceSlice;
import io.coxswain.client.codec.Times;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/// Taints of devices say since when they are there.
record SliceStrategy(InstantSource clock) implements Strategy {

  @Override
  public Message prepareCreate(Message object) {
    return dated((ResourceSlice) object);
  }

  @Override
  public Message prepareUpdate(Message before, Message after) {
    return dated((ResourceSlice) after);
  }

  private Message dated(ResourceSlice slice) {
    boolean dated =
        slice.getSpec().getDevicesList().stream()
            .flatMap(device -> device.getTaintsList().stream())
            .allMatch(DeviceTaint::hasTimeAdded);
    if (dated) {
      return slice;
    }
    Time now = Times.time(clock.instant().truncatedTo(ChronoUnit.SECONDS));
    ResourceSlice.Builder complete = slice.toBuilder();
    for (Device.Builder device : complete.getSpecBuilder().getDevicesBuilderList()) {
      for (DeviceTaint.Builder taint : device.getTaintsBuilderList()) {
        if (!taint.hasTimeAdded()) {
          taint.setTimeAdded(now);
        }
      }
    }
    return complete.build();
  }
}
