# Where the program is, building it first in a source tree; and how it is started. Sourced.

need_program() {
  find_java || exit 1
  if [ -d "$COXSWAIN_HOME/lib" ]; then
    LIB=$COXSWAIN_HOME/lib
  else
    LIB=$COXSWAIN_HOME/deploy/target/coxswain/lib
    if [ ! -f "$LIB/.complete" ] || [ -n "$(changed_sources)" ]; then build_program; fi
  fi
  # CLASSPATH_COXSWAIN, in the order that the start-up cache was made with
  . "$LIB/classpath.sh"
}

changed_sources() { # one file that is newer than the build
  find "$COXSWAIN_HOME/pom.xml" "$COXSWAIN_HOME"/*/pom.xml "$COXSWAIN_HOME"/*/src/main -type f -newer "$LIB/.complete" 2>/dev/null | head -n 1
}

build_program() {
  say "building (a minute or two the first time)"
  log=$COXSWAIN_HOME/deploy/target/build.log
  mkdir -p "$(dirname "$log")"
  if ! (cd "$COXSWAIN_HOME" && ./mvnw -q -B -ntp -pl deploy -am package -DskipTests) > "$log" 2>&1; then
    grep -E '^\[ERROR\]' "$log" | head -n 15 >&2
    fail "the build failed; all of it is in $log"
  fi
  "$JAVA" -cp "$(ls "$LIB"/deploy-*.jar)" io.coxswain.deploy.UnsignedJars "$LIB"
  echo "$JAVA" > "$LIB/.java"
  "$LIBEXEC/aot-cache" "$JAVA" "$LIB" >> "$log" 2>&1 || say "no start-up cache was made (see $log): starts will be slower"
  touch "$LIB/.complete"
}

# what every shape of the program is started with, and is trained with: a start-up cache fits what it was made with
common_flags() {
  flags="-XX:+UseSerialGC -XX:+UseCompactObjectHeaders -Xss512k -XX:ReservedCodeCacheSize=64m -Djava.awt.headless=true"
  flags="$flags --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -Dio.netty.allocator.type=pooled"
  flags="$flags -Dio.netty.tryReflectionSetAccessible=false -Dio.netty.allocator.numDirectArenas=1 -Dio.netty.allocator.numHeapArenas=1"
  echo "$flags"
}

# How large the heap of a role may become, in MB: a server keeps all objects of a cluster, and a scheduler its pods. On a big
# machine that is a quarter of its memory; on one with 2 GB or less, half of it; and a gigabyte between. An agent keeps what
# its node needs. With 32 GB and more, references are larger, and no start-up cache fits.
largest_heap() { # role
  read -r _ kilobytes _ < /proc/meminfo
  machine=$((kilobytes / 1024))
  heap=1024
  [ $((machine / 2)) -ge $heap ] || heap=$((machine / 2))
  [ $((machine / 4)) -le $heap ] || heap=$((machine / 4))
  [ $heap -le 24576 ] || heap=24576
  case $1 in
    agent) heap=160 ;;
    scheduler) heap=$((heap / 2)) ;;
  esac
  echo $heap
}

# Sets FLAGS, what the JVM of a role is started with: one collector thread, and a small heap that gives memory back.
#
# Flags of the user's own are tried first. The JVM refuses some, and with some (as a young generation as large as the
# heap) it does not start with our start-up cache, and names neither in what it says.
set_java_flags() { # role
  role=$1
  # The part of the heap for what is new grows with the whole, and would be a quarter of a big server's memory for nothing.
  # An agent's part stays small: it is collected often, in some milliseconds each time.
  case $role in
    agent) new=6m ;;
    *) new=64m ;;
  esac
  heap=$(largest_heap "$role")
  flags="$(common_flags) -Xms16m -Xmx${heap}m -XX:MaxNewSize=$new -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=25"
  # Where pods run, the quick compiler alone: for a hundred pod starts it costs half the CPU of both, and less memory. A
  # server of its own has many clients and compiles well what it does all day; but a request runs through so many small
  # layers that inlining all of them into each other takes the slow compiler a minute of both cores, and makes code that
  # is no faster.
  case $role in
    server | scheduler) compiler="4 -XX:MaxInlineLevel=6 -XX:FreqInlineSize=60 -XX:InlineSmallCode=500" ;;
    *) compiler=1 ;;
  esac
  flags="$flags -XX:TieredStopAtLevel=$compiler -XX:+ExitOnOutOfMemoryError"
  # It looks four times a second whether locks that were fought for should become small again: every five seconds will do.
  flags="$flags -XX:+UnlockDiagnosticVMOptions -XX:AsyncDeflationInterval=5000"
  # An agent's messages are small, and so are the pieces of memory that they are cut from: 512 KB, one in the heap and one outside.
  [ "$role" != agent ] || flags="$flags -Dio.netty.allocator.maxOrder=6"
  # What was read is kept in the form in which it is answered, while there is room: for ten minutes in an empty heap, not for
  # longer where it may grow large.
  [ "$role" = agent ] || flags="$flags -XX:SoftRefLRUPolicyMSPerMB=$((600000 / heap))"
  # What compilers and others of its own leave behind is given back to the machine each minute.
  flags="$flags -XX:TrimNativeHeapInterval=60000"
  FLAGS=$flags
  # one for the role has no classes of others; where no node could be made when it was built, there is none for agents
  case $role in
    agent) cache=$LIB/coxswain-agent.aot ;;
    server | scheduler) cache=$LIB/coxswain-server.aot ;;
    *) cache=$LIB/coxswain.aot ;;
  esac
  [ -f "$cache" ] || cache=$LIB/coxswain.aot
  # At the address that it was made for, most of its pages stay the file's, and those that are used to start only can be let go
  # (see docs/adr/an-agent-maps-what-it-needs.md). When that address is taken, the JVM moves it.
  [ ! -f "$cache" ] || FLAGS="$flags -XX:AOTCache=$cache -XX:ArchiveRelocationMode=0 -Xlog:aot=off -Xlog:aot*=off"
  own=${COXSWAIN_JAVA_FLAGS:-}
  [ -n "$own" ] || return 0
  FLAGS="$FLAGS $own"
  # shellcheck disable=SC2086
  if ! "$JAVA" $FLAGS -cp "$CLASSPATH_COXSWAIN" -version > /dev/null 2>&1; then
    FLAGS="$flags $own"
    complaint=$("$JAVA" $FLAGS -version 2>&1) || fail "Java does not start with COXSWAIN_JAVA_FLAGS='$own': $complaint
coxswain: these came before yours: $flags"
    say "with COXSWAIN_JAVA_FLAGS='$own' Java cannot use the start-up cache: $role starts slower" >&2
  fi
}

run_java() { # role arguments
  role=$1
  shift
  set_java_flags "$role"
  # not under its own name, which container runtimes look for
  if [ -n "${NOTIFY_SOCKET:-}" ]; then
    export COXSWAIN_NOTIFY_SOCKET="$NOTIFY_SOCKET"
    unset NOTIFY_SOCKET
  fi
  # shellcheck disable=SC2086
  exec "$JAVA" $FLAGS -cp "$CLASSPATH_COXSWAIN" io.coxswain.deploy.Coxswain "$role" \
    --data "$DATA" --run "$RUN" --logs "$LOGS" --name "$NAME" "$@"
}
