package io.coxswain.client.rpc;

import java.nio.file.Path;

/// Files in PEM that prove who calls and whom to trust.
///
/// @param authority certificates of the cluster's authority
/// @param certificate the caller's, with what lies between it and the authority
/// @param key its private key, PKCS #8
public record ClientIdentity(Path authority, Path certificate, Path key) {}
