package io.coxswain.controlplane.cel;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/// Regular expressions of users: RE2's syntax with the bounds of Go's library, which the one used
/// here lacks. It goes as deep as an expression repeats what is optional, so `^.{1,900}$` may need
/// more stack than a request has: then it is worked on again where there is enough.
public final class Patterns {

  /// Go's: repeats within repeats, multiplied.
  private static final int MOST_REPEATS = 1000;

  /// Go's, too: of groups within groups.
  private static final int MOST_DEPTH = 1000;

  private static final int MOST_FOUND = 10_000;
  private static final long STACK_BYTES = 64 << 20;

  /// How many may be at work with a long stack at once.
  private static final Semaphore LONG_STACKS = new Semaphore(4);

  private Patterns() {}

  /// @throws PatternSyntaxException when it is none, or too large
  public static Pattern compile(String expression) {
    Repeats repeats = Repeats.of(expression);
    if (repeats.deepest > MOST_DEPTH) {
      throw new PatternSyntaxException("expression nests too deeply", expression);
    }
    if (repeats.most() > MOST_REPEATS) {
      throw new PatternSyntaxException("invalid repeat count", expression);
    }
    return deep(expression, () -> Pattern.compile(expression));
  }

  /// Whether it occurs in a text. Takes time by the length of both, multiplied.
  public static boolean find(Pattern pattern, String text) {
    return deep(pattern.pattern(), () -> pattern.matcher(text).find());
  }

  /// @return what is found first; empty when nothing is
  static String first(Pattern pattern, String text) {
    return deep(
        pattern.pattern(),
        () -> {
          Matcher matcher = pattern.matcher(text);
          return matcher.find() ? matcher.group() : "";
        });
  }

  /// @param most how many are looked for; below 0 for all, of which some thousand are found
  static List<String> all(Pattern pattern, String text, long most) {
    long enough = most < 0 ? MOST_FOUND : Math.min(most, MOST_FOUND);
    return deep(
        pattern.pattern(),
        () -> {
          List<String> found = new ArrayList<>();
          Matcher matcher = pattern.matcher(text);
          while (found.size() < enough && matcher.find()) {
            found.add(matcher.group());
          }
          return found;
        });
  }

  private static <T> T deep(String expression, Supplier<T> work) {
    try {
      return work.get();
    } catch (StackOverflowError tooShort) {
      LONG_STACKS.acquireUninterruptibly();
      try {
        CompletableFuture<T> result = new CompletableFuture<>();
        Runnable task = () -> result.completeAsync(work, Runnable::run);
        new Thread(null, task, "pattern", STACK_BYTES).start();
        return result.join();
      } catch (CompletionException e) {
        if (e.getCause() instanceof StackOverflowError) {
          throw new PatternSyntaxException("expression nests too deeply", expression);
        }
        throw e.getCause() instanceof RuntimeException failure ? failure : e;
      } finally {
        LONG_STACKS.release();
      }
    }
  }

  /// How often the innermost of an expression is repeated at most, and how deep its groups go. What
  /// is no expression may count as anything: the compiler says what is wrong with it.
  private static final class Repeats {

    private final String text;
    private int at;
    private int deepest;

    /// The most repeats within a group that is open, the outermost first.
    private final ArrayDeque<Long> groups = new ArrayDeque<>();

    private Repeats(String text) {
      this.text = text;
      groups.push(1L);
    }

    static Repeats of(String text) {
      Repeats repeats = new Repeats(text);
      while (repeats.at < text.length()) {
        repeats.next();
      }
      return repeats;
    }

    long most() {
      return groups.stream().mapToLong(Long::longValue).max().orElse(1);
    }

    private void next() {
      switch (text.charAt(at)) {
        case '(' -> {
          groups.push(1L);
          deepest = Math.max(deepest, groups.size());
          at++;
        }
        case ')' -> {
          at++;
          long inside = groups.size() > 1 ? groups.pop() : 1;
          repeated(inside);
        }
        case '[' -> {
          bracket();
          repeated(1);
        }
        case '\\' -> {
          if (text.startsWith("\\Q", at)) {
            int end = text.indexOf("\\E", at);
            at = end < 0 ? text.length() : end + 2;
          } else {
            at += 2;
          }
          repeated(1);
        }
        default -> {
          at++;
          repeated(1);
        }
      }
    }

    /// `[]a]`, `[^]\]]` and `[[:alpha:]]` hold what would end them.
    private void bracket() {
      at += text.startsWith("[^", at) ? 2 : 1;
      if (at < text.length() && text.charAt(at) == ']') {
        at++;
      }
      while (at < text.length() && text.charAt(at) != ']') {
        if (text.startsWith("[:", at) && text.indexOf(":]", at) > 0) {
          at = text.indexOf(":]", at) + 2;
        } else {
          at += text.charAt(at) == '\\' ? 2 : 1;
        }
      }
      at++;
    }

    /// What was read, with the `{n,m}` behind it.
    private void repeated(long inside) {
      long times = 1;
      if (at < text.length() && text.charAt(at) == '{') {
        int end = text.indexOf('}', at);
        if (end > 0) {
          times = bound(text.substring(at + 1, end));
          at = times > 0 ? end + 1 : at;
        }
      }
      long most = Math.max(groups.pop(), inside * Math.max(1, times));
      groups.push(Math.min(most, Integer.MAX_VALUE));
    }

    /// @return 0 when it is no repeat, but a text in braces
    private static long bound(String braces) {
      long most = 0;
      for (String number : braces.split(",", 2)) {
        boolean plain = number.length() < 10 && number.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!plain) {
          return 0;
        }
        most = number.isEmpty() ? most : Long.parseLong(number);
      }
      return most;
    }
  }
}
