package io.coxswain.node.service;

import java.io.IOException;

/// Runs commands of nft(8) in one network namespace. Safe for use by many threads.
public interface Nftables extends AutoCloseable {

  /// Runs all commands in one transaction: all or none take effect. Blocks.
  ///
  /// @param commands a line each
  /// @return what they print
  /// @throws IOException with nft's own explanation when one was refused
  String run(String commands) throws IOException;

  @Override
  void close();
}
