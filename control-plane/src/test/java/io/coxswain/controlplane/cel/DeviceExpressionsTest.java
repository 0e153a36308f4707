package io.coxswain.controlplane.cel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What expressions that choose devices may cost, against what Kubernetes 1.36 estimates for them.
final class DeviceExpressionsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          true; 0
          'no-such-domain' in device.attributes; 3
          device.driver == ''; 2
          device.driver == 'dra.example.com'; 4
          device.allowMultipleAllocations == false; 3
          device.attributes['d'].name; 4
          device.attributes['d']['name']; 4
          device.attributes['d'].name > 0; 5
          device.attributes['d'].name == 'fish'; 5
          device.attributes['d'].name.isGreaterThan(semver('0.0.1')); 6
          device.attributes['d'].name.isGreaterThan(semver('v0.0.1', true)) && isSemver('v1.0.0', true); 7
          device.capacity['d'].name.isGreaterThan(quantity('1Ki')); 6
          'name' in device.capacity['d'] && device.capacity['d'].name.isGreaterThan(quantity('1Ki')); 10
          !('name' in device.capacity['d']) || device.capacity['d'].name.isGreaterThan(quantity('1Ki')); 11
          device.attributes['d'].a && device.attributes['d'].b && device.attributes['d'].c; 12
          cel.bind(d, device.attributes['d'], d.name); 15
          device.attributes.exists_one(x, x == 'dra.example.com'); 164
          device.attributes['d'].exists_one(x, x == 'services'); 133
          device.capacity.exists_one(x, x == 'dra.example.com'); 164
          device.capacity['d'].exists_one(x, x == 'memory'); 133
          device.attributes['d'].services.split('example').size() >= 2; 19
          device.attributes['d'].services.matches('[^a]?sym'); 18
          device.attributes['d'].names.size() == 2; 6
          1 in device.attributes['d'].names; 68
          device.attributes['d'].names.exists(x, x > 0); 389
          device.attributes['d'].names.all(x, x != ''); 261
          device.attributes['d'].names.all(x, x.isGreaterThan(semver('0.0.1'))); 389
          device.attributes['d'].names.exists(x, x.isGreaterThan(semver('0.0.1'))); 453
          """)
  void isEstimatedByHowLargeADeviceMayBe(String expression, long cost) throws Exception {
    assertThat(DeviceExpressions.cost(expression)).isEqualTo(cost);
    assertThat(DeviceExpressions.problem(expression)).isEmpty();
  }

  @Test
  void loopsInLoopsMayCostTooMuch() throws Exception {
    String ten = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]";
    String loops =
        IntStream.range(0, 7)
            .mapToObj(depth -> ten + ".all(x" + depth + ", ")
            .collect(Collectors.joining());
    String expression = loops + "int('1'.find('[0-9]*')) < 100" + ")".repeat(7);
    assertThat(DeviceExpressions.cost(expression)).isEqualTo(85_555_551);
    assertThat(DeviceExpressions.problem(expression))
        .contains(new DeviceExpressions.Problem("too complex, exceeds cost limit", true));
  }

  @Test
  void whatIsInAListIsNotBounded() {
    assertThat(
            DeviceExpressions.problem("device.attributes['d'].names.exists(x, x.contains(x))")
                .map(DeviceExpressions.Problem::costly))
        .contains(true);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          ?!; compilation failed
          device.none == 1; compilation failed
          1; must evaluate to bool or the unknown type, not int
          """)
  void mayBeNone(String expression, String detail) {
    assertThat(DeviceExpressions.problem(expression))
        .hasValueSatisfying(problem -> {
          assertThat(problem.detail()).startsWith(detail);
          assertThat(problem.costly()).isFalse();
        });
  }
}
