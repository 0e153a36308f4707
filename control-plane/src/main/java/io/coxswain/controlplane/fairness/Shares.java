package io.coxswain.controlplane.fairness;

import java.util.ArrayList;
import java.util.List;

/// How many seats each priority level has: by its share of the server's, and then by who lends and
/// who needs. Pure.
///
/// Source: KEP-1040, "Dispatching" and "Seat Borrowing".
final class Shares {

  /// Stands for a level that needs nothing, so that what nobody needs is divided somehow.
  private static final double LEAST_TARGET = 0.001;

  private static final int STEPS = 60;

  private Shares() {}

  /// What a level asks for.
  ///
  /// @param lendablePercent of its seats others may have while it does not need them
  /// @param borrowingPercent of its seats it may have more at the most; below 0 for all there are
  record Claim(int shares, int lendablePercent, int borrowingPercent) {}

  /// What a level has.
  ///
  /// @param nominal by its share alone
  /// @param least that nobody takes from it
  /// @param most that it can have when others lend
  record Limits(int nominal, int least, int most) {}

  /// @param seats of the whole server
  /// @return in the order of the claims
  static List<Limits> limits(int seats, List<Claim> claims) {
    double sum = Math.max(1, claims.stream().mapToInt(Claim::shares).sum());
    List<Limits> all = new ArrayList<>(claims.size());
    for (Claim claim : claims) {
      int nominal = (int) Math.ceil(seats * (claim.shares() / sum));
      int lendable = (int) Math.round(nominal * (claim.lendablePercent() / 100.0));
      int most =
          claim.borrowingPercent() < 0
              ? Math.max(seats, nominal)
              : nominal + (int) Math.round(nominal * (claim.borrowingPercent() / 100.0));
      all.add(new Limits(nominal, nominal - lendable, most));
    }
    return all;
  }

  /// What a level needed of late.
  ///
  /// @param peak seats taken and waited for at once, at the highest
  /// @param smooth the same over a longer time
  record Demand(int peak, double smooth) {}

  /// Divides the seats by what the levels need: each between what is its own in any case and the
  /// most that it may have, and in the same proportion to its need where neither binds.
  ///
  /// @return in the order of the limits; their nominal ones where the bounds leave no choice
  static int[] current(int seats, List<Limits> limits, List<Demand> demands) {
    int count = limits.size();
    double[] least = new double[count];
    double[] target = new double[count];
    double lowest = 0;
    double highest = 0;
    for (int i = 0; i < count; i++) {
      Limits own = limits.get(i);
      least[i] = Math.max(own.least(), Math.min(own.nominal(), demands.get(i).peak()));
      target[i] = Math.max(LEAST_TARGET, Math.max(least[i], demands.get(i).smooth()));
      lowest += least[i];
      highest += own.most();
    }
    if (lowest >= seats || highest <= seats) {
      return limits.stream().mapToInt(Limits::nominal).toArray();
    }
    double low = 0;
    double high = seats / LEAST_TARGET;
    for (int step = 0; step < STEPS; step++) {
      double middle = (low + high) / 2;
      if (sum(middle, target, least, limits) > seats) {
        high = middle;
      } else {
        low = middle;
      }
    }
    int[] current = new int[count];
    for (int i = 0; i < count; i++) {
      // A level with seats of its own keeps one in any case.
      long rounded = Math.round(allotted(low, i, target, least, limits));
      current[i] = (int) Math.max(Math.min(1, limits.get(i).nominal()), rounded);
    }
    return current;
  }

  private static double sum(
      double proportion, double[] target, double[] least, List<Limits> limits) {
    double sum = 0;
    for (int i = 0; i < target.length; i++) {
      sum += allotted(proportion, i, target, least, limits);
    }
    return sum;
  }

  private static double allotted(
      double proportion, int i, double[] target, double[] least, List<Limits> limits) {
    return Math.max(least[i], Math.min(limits.get(i).most(), proportion * target[i]));
  }
}
