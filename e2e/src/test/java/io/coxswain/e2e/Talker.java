package io.coxswain.e2e;

/// A pod that repeats what it hears: on its standard input, and at a port.
final class Talker {

  /// To be formatted with its namespace.
  static final String MANIFEST =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: talker, namespace: %s}
      spec:
        terminationGracePeriodSeconds: 1
        containers:
          - name: main
            image: host:///
            stdin: true
            command: [sh, -c, 'echo hello; while read line; do echo "heard $line"; done; sleep 3600']
          - name: port
            image: host:///
            command:
              - perl
              - -MIO::Socket::INET
              - -e
              - '$s = IO::Socket::INET->new(LocalPort => 8080, Listen => 5, ReuseAddr => 1) or die;
                 while ($c = $s->accept) { $l = <$c>; print $c "you said $l"; close $c }'
      """;

  private Talker() {}
}
