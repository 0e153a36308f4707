package io.coxswain.kubectl.command;

import io.coxswain.kubectl.Failure;
import io.coxswain.kubectl.Options;
import io.coxswain.kubectl.Session;
import java.util.List;

/// `completion`: a script that makes a shell complete words, by asking [Candidates] for them.
final class Completion implements Command {

  /// Readline takes a line apart at `=` and `:` as well. The words are put together again as they
  /// stand, and what is offered for the last is cut to the part of it that Readline replaces.
  private static final String BASH =
      """
      # completes kubectl-lite in bash: source <(kubectl-lite completion bash)
      __kubectl_lite() {
        local IFS=$'\\n' rest=$COMP_LINE each last before breaks= words=()
        for each in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
          case $rest in
            [[:space:]]*) words+=("$each"); rest=${rest#"${rest%%[![:space:]]*}"} ;;
            *) if (( ${#words[@]} )); then words[-1]+=$each; else words=("$each"); fi ;;
          esac
          rest=${rest#"$each"}
        done
        last=${words[-1]}
        [[ $COMP_WORDBREAKS == *=* ]] && breaks+==
        [[ $COMP_WORDBREAKS == *:* ]] && breaks+=:
        [[ -n $breaks && $last == *[$breaks]* ]] && before=${last%"${last##*[$breaks]}"}
        COMPREPLY=($(kubectl-lite __complete -- "${words[@]:1}" 2>/dev/null))
        case ${#COMPREPLY[@]},${COMPREPLY[0]} in
          1,*= | 1,*/ | 1,*:) compopt -o nospace ;;
        esac
        COMPREPLY=("${COMPREPLY[@]#"$before"}")
      }
      complete -o default -F __kubectl_lite kubectl-lite
      """;

  private static final String ZSH =
      """
      #compdef kubectl-lite
      # completes kubectl-lite in zsh: source <(kubectl-lite completion zsh)
      __kubectl_lite() {
        local -a found plain joined
        local each
        found=("${(@f)$(kubectl-lite __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
        for each in $found; do
          case $each in
            *= | */ | *:) joined+=("$each") ;;
            ?*) plain+=("$each") ;;
          esac
        done
        (( $#plain )) && compadd -- $plain
        (( $#joined )) && compadd -S '' -- $joined
        (( $#plain + $#joined )) || _files
      }
      compdef __kubectl_lite kubectl-lite
      """;

  private static final String FISH =
      """
      # completes kubectl-lite in fish: kubectl-lite completion fish | source
      function __kubectl_lite
          set -l words (commandline -opc)
          set -l last (commandline -ct)
          kubectl-lite __complete -- $words[2..-1] "$last" 2>/dev/null
      end
      complete -c kubectl-lite -a '(__kubectl_lite)'
      """;

  @Override
  public String name() {
    return "completion";
  }

  @Override
  public String summary() {
    return "print a script that makes a shell complete words: bash, zsh or fish";
  }

  @Override
  public String examples() {
    return "kubectl-lite completion bash\nkubectl-lite completion zsh\nkubectl-lite completion fish";
  }

  @Override
  public Options declare(Options options) {
    return options;
  }

  @Override
  public int run(Session session) {
    List<String> words = session.options().words();
    if (words.size() != 1) {
      throw new Failure(
          (words.isEmpty()
                  ? "error: Shell not specified."
                  : "error: Too many arguments. Expected only the shell type.")
              + "\nSee 'kubectl-lite completion -h' for help and examples");
    }
    session
        .out()
        .print(
            switch (words.getFirst()) {
              case "bash" -> BASH;
              case "zsh" -> ZSH;
              case "fish" -> FISH;
              default ->
                  throw new Failure(
                      "error: Unsupported shell type \""
                          + words.getFirst()
                          + "\": it is one of bash, zsh, fish\n"
                          + "See 'kubectl-lite completion -h' for help and examples");
            });
    return 0;
  }
}
