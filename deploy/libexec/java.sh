# Finds what runs Coxswain: the runtime that a distribution carries, or a JDK 25. Sourced; sets JAVA and, with a JDK, JAVA_HOME.

# The feature number of a JDK, 0 when it does not tell. It says so in a file, which is ten times quicker to ask than its java.
java_version() { # home of the JDK
  number=
  while IFS='="' read -r name _ value _; do
    [ "$name" != JAVA_VERSION ] || number=${value%%[!0-9]*}
  done 2>/dev/null < "$1/release" || :
  [ -n "$number" ] || number=$("$1/bin/java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1)
  echo "${number:-0}"
}

find_java() {
  if [ -x "$COXSWAIN_HOME/runtime/bin/java" ]; then
    JAVA=$COXSWAIN_HOME/runtime/bin/java
    return 0
  fi
  tried=
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    [ -n "$home" ] && [ -x "$home/bin/java" ] || continue
    version=$(java_version "$home")
    if [ "$version" -ge 25 ]; then
      JAVA=$home/bin/java
      JAVA_HOME=$home
      export JAVA_HOME
      return 0
    fi
    tried="$tried
    $home is Java $version"
  done
  cat >&2 <<END
coxswain: no JDK 25 found. Looked at JAVA_HOME${JAVA_HOME:+ ($JAVA_HOME)} and in /usr/lib/jvm:${tried:-
    nothing there}
Install one, for instance Eclipse Temurin (https://adoptium.net/installation/linux/, package temurin-25-jdk), or
unpack any JDK 25 and name it:  export JAVA_HOME=/path/to/jdk-25
END
  return 1
}
