package io.coxswain.bench;

import java.io.IOException;

/// One thing that is measured.
interface Benchmark {

  /// As it is asked for on the command line.
  String name();

  /// Measures, and writes what came out.
  void run(Contenders contenders, Report report) throws IOException, InterruptedException;
}
