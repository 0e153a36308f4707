package io.coxswain.node.device;

/// A container cannot have the devices that it asks for; says why, in kubelet's words.
public final class DeviceException extends Exception {

  private static final long serialVersionUID = 1;

  DeviceException(String message) {
    super(message);
  }

  DeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
