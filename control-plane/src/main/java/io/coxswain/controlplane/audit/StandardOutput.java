package io.coxswain.controlplane.audit;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/// Events on standard output, one a line, for whoever collects what programs print.
///
/// @param out stays open
record StandardOutput(OutputStream out) implements Sink {

  @Override
  public String name() {
    return "log";
  }

  @Override
  public void write(List<byte[]> events) throws IOException {
    for (byte[] event : events) {
      out.write(event);
      out.write('\n');
    }
    out.flush();
  }

  @Override
  public void hurry() {}

  @Override
  public void close() {}
}
