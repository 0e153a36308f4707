package io.coxswain.controlplane.cel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Functions that Kubernetes adds to CEL, against the facts: what its own come to.
final class FunctionsTest {

  private static Object value(String expression) throws Compiled.FailedException {
    Compiled compiled = AdmissionExpressions.compile(expression, Set.of(), Map.of(), List.of());
    assertThat(compiled.error()).as(expression).isEmpty();
    return compiled.value(Map.of(), CostBudget.ofObject());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "isIP('192.168.0.1')",
        "!isIP('192.168.0.1.0')",
        "!isIP('10.01.0.1')",
        "!isIP('::ffff:1.2.3.4')",
        "!isIP('fe80::1%eth0')",
        "!isIP('')",
        "isIP('2001:db8::68')",
        "!isIP('2001:db8:::68')",
        "isIP('1:2:3:4:5:6:7.8.9.10')",
        "!isIP('1:2:3:4:5:6:7:8:9')",
        "!isIP('1:2:3:4:5:6:7::8:9')",
        "ip.isCanonical('127.0.0.1')",
        "ip.isCanonical('2001:db8::68')",
        "!ip.isCanonical('2001:DB8::68')",
        "!ip.isCanonical('2001:db8::0:0:0:abcd')",
        "ip('192.168.0.1').family() == 4",
        "ip('2001:db8::68').family() == 6",
        "ip('0.0.0.0').isUnspecified()",
        "!ip('127.0.0.1').isUnspecified()",
        "ip('::').isUnspecified()",
        "!ip('::1').isUnspecified()",
        "ip('127.0.0.1').isLoopback()",
        "!ip('1.2.3.4').isLoopback()",
        "ip('::1').isLoopback()",
        "!ip('2001:db8::abcd').isLoopback()",
        "ip('224.0.0.1').isLinkLocalMulticast()",
        "!ip('224.0.1.1').isLinkLocalMulticast()",
        "ip('ff02::1').isLinkLocalMulticast()",
        "!ip('fd00::1').isLinkLocalMulticast()",
        "ip('169.254.169.254').isLinkLocalUnicast()",
        "!ip('192.168.0.1').isLinkLocalUnicast()",
        "ip('fe80::1').isLinkLocalUnicast()",
        "!ip('fd80::1').isLinkLocalUnicast()",
        "ip('192.168.0.1').isGlobalUnicast()",
        "!ip('255.255.255.255').isGlobalUnicast()",
        "ip('2001:db8::abcd').isGlobalUnicast()",
        "!ip('ff00::1').isGlobalUnicast()",
        "string(ip('192.168.0.1')) == '192.168.0.1'",
        "string(ip('2001:db8:0:0:1:0:0:1')) == '2001:db8::1:0:0:1'",
        "string(ip('1:0:2:0:3:0:4:0')) == '1:0:2:0:3:0:4:0'",
        "string(ip('0:0:0:1:0:0:0:0')) == '0:0:0:1::'",
        "ip('2001:DB8::68') == ip('2001:db8::68')",
        "ip('10.0.0.1') != ip('10.0.0.2')",
        "cidr('192.168.0.0/24').containsIP(ip('192.168.0.1'))",
        "!cidr('192.168.0.0/24').containsIP(ip('192.168.1.1'))",
        "cidr('192.168.0.0/24').containsIP('192.168.0.1')",
        "!cidr('192.168.0.0/24').containsIP('192.168.1.1')",
        "!cidr('192.168.0.0/24').containsIP('2001:db8::1')",
        "cidr('192.168.0.0/24').containsCIDR(cidr('192.168.0.0/25'))",
        "cidr('192.168.0.0/24').containsCIDR(cidr('192.168.0.1/32'))",
        "!cidr('192.168.0.0/24').containsCIDR(cidr('192.168.0.0/23'))",
        "!cidr('192.168.0.0/24').containsCIDR(cidr('192.169.0.1/32'))",
        "cidr('192.168.0.0/24').containsCIDR('192.168.0.0/25')",
        "!cidr('192.168.0.0/24').containsCIDR('192.168.0.0/23')",
        "cidr('192.168.0.0/24').ip() == ip('192.168.0.0')",
        "cidr('192.168.0.0/24').masked() == cidr('192.168.0.0/24')",
        "cidr('192.168.0.1/24').masked() == cidr('192.168.0.0/24')",
        "cidr('192.168.0.1/24') != cidr('192.168.0.1/24').masked()",
        "cidr('192.168.0.0/24').prefixLength() == 24",
        "cidr('2001:db8::/32').containsIP(ip('2001:db8::1'))",
        "!cidr('2001:db8::/32').containsIP('2001:dc8::1')",
        "cidr('2001:db8::/32').containsCIDR('2001:db8::/33')",
        "!cidr('2001:db8::/32').containsCIDR(cidr('2001:db8::/31'))",
        "cidr('2001:db8:1::/32').masked() == cidr('2001:db8::/32')",
        "cidr('2001:db8::/32').prefixLength() == 32",
        "string(cidr('192.168.0.0/24')) == '192.168.0.0/24'",
        "isCIDR('::1/128') && !isCIDR('::1/129') && !isCIDR('192.168.0.0/33')",
        "!isCIDR('192.168.0.0/') && !isCIDR('192.168.0.0/024') && !isCIDR('192.168.0.0')",
        "string(1) == '1' && string(true) == 'true'",
      })
  void addressesAndNetworks(String expression) throws Exception {
    assertThat(value(expression)).isEqualTo(true);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "isURL('https://user:pass@example.com:80/path?query=val#fragment')",
        "isURL('/absolute-path')",
        "!isURL('https://a:b:c/')",
        "!isURL('../relative-path')",
        "!isURL('')",
        "!isURL('https://exa mple.com/')",
        "!isURL('/a%zz')",
        "url('/path').getScheme() == ''",
        "url('https://example.com/').getScheme() == 'https'",
        "url('https://example.com:80/').getHost() == 'example.com:80'",
        "url('https://example.com/').getHost() == 'example.com'",
        "url('https://[::1]:80/').getHost() == '[::1]:80'",
        "url('https://[::1]/').getHost() == '[::1]'",
        "url('/path').getHost() == ''",
        "url('https://example.com:80/').getHostname() == 'example.com'",
        "url('https://127.0.0.1:80/').getHostname() == '127.0.0.1'",
        "url('https://[::1]:80/').getHostname() == '::1'",
        "url('/path').getHostname() == ''",
        "url('https://example.com:80/').getPort() == '80'",
        "url('https://example.com/').getPort() == ''",
        "url('/path').getPort() == ''",
        "url('https://example.com/path').getEscapedPath() == '/path'",
        "url('https://example.com/path with spaces/').getEscapedPath() == '/path%20with%20spaces/'",
        "url('https://example.com').getEscapedPath() == ''",
        "url('https://example.com/path?k1=a&k2=b&k2=c').getQuery() == {'k1': ['a'], 'k2': ['b', 'c']}",
        "url('https://example.com/path?key with spaces=value with spaces').getQuery() == {'key with spaces': ['value with spaces']}",
        "url('https://example.com/path?').getQuery() == {}",
        "url('https://example.com/path').getQuery() == {}",
      })
  void urls(String expression) throws Exception {
    assertThat(value(expression)).isEqualTo(true);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "isSemver('1.2.3-beta.1+build.1')",
        "!isSemver('')",
        "!isSemver('v1.0.0')",
        "!isSemver(' 1.0.0')",
        "!isSemver('1. 0.0')",
        "!isSemver('1.0.0 ')",
        "!isSemver('01.01.01')",
        "!isSemver('1')",
        "!isSemver('1.1')",
        "!isSemver('1.0.0-01')",
        "!isSemver('', true)",
        "!isSemver(' 1.0.0', true)",
        "!isSemver('1. 0.0', true)",
        "!isSemver('1.0.0 ', true)",
        "!isSemver('1-beta', true)",
        "isSemver('v1.0.0', true)",
        "isSemver('01.01.01', true)",
        "isSemver('1', true)",
        "isSemver('1.1', true)",
        "semver('v01.01', true) == semver('1.1.0')",
        "semver('1.2.3') == semver('1.2.3+build')",
        "semver('1.2.3') != semver('1.0.0')",
        "semver('1.0.0').isLessThan(semver('1.2.3'))",
        "!semver('1.0.0').isLessThan(semver('1.0.0'))",
        "semver('1.2.3').isGreaterThan(semver('1.0.0'))",
        "!semver('1.0.0').isGreaterThan(semver('1.0.0'))",
        "semver('1.2.3').compareTo(semver('1.2.3')) == 0",
        "semver('1.0.0').compareTo(semver('1.2.3')) == -1",
        "semver('1.2.3').compareTo(semver('1.0.0')) == 1",
        "semver('1.2.3').major() == 1",
        "semver('1.2.3').minor() == 2",
        "semver('1.2.3').patch() == 3",
        "quantity('1Gi').isGreaterThan(quantity('100Mi'))",
        "quantity('1').compareTo(quantity('2')) == -1",
      })
  void versions(String expression) throws Exception {
    assertThat(value(expression)).isEqualTo(true);
  }

  /// The order in which the standard puts them.
  @Test
  void versionsHaveTheirOrder() {
    List<String> ordered =
        List.of(
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "2.0.0",
            "2.1.0",
            "2.1.1");
    for (int i = 1; i < ordered.size(); i++) {
      assertThat(Semver.of(ordered.get(i - 1))).isLessThan(Semver.of(ordered.get(i)));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "!format.dns1123Label().validate('my-label-name').hasValue()",
        "!format.dns1123Subdomain().validate('apiextensions.k8s.io').hasValue()",
        "!format.dns1035Label().validate('my-label-name').hasValue()",
        "format.dns1035Label().validate('1st').hasValue()",
        "!format.qualifiedName().validate('apiextensions.k8s.io/v1beta1').hasValue()",
        "!format.dns1123LabelPrefix().validate('my-label-prefix-').hasValue()",
        "!format.dns1123SubdomainPrefix().validate('mysubdomain.prefix.-').hasValue()",
        "!format.dns1035LabelPrefix().validate('my-label-prefix-').hasValue()",
        "!format.uri().validate('http://example.com').hasValue()",
        "format.uri().validate('example.com').value() == ['parse \"example.com\": invalid URI for request']",
        "!format.uuid().validate('123e4567-e89b-12d3-a456-426614174000').hasValue()",
        "format.uuid().validate('123').value() == ['does not match the UUID format']",
        "!format.byte().validate('aGVsbG8=').hasValue()",
        "format.byte().validate('aGVsbG8').value() == ['invalid base64']",
        "!format.date().validate('2021-01-01').hasValue()",
        "format.date().validate('2020-01-32').value() == ['invalid date']",
        "!format.datetime().validate('2021-01-01T00:00:00Z').hasValue()",
        "format.datetime().validate('2020-01-32T00:00:00Z').value() == ['invalid datetime']",
        "!format.labelValue().validate('my-cool-label-Value').hasValue()",
        "format.labelValue().validate('no!').value()[0].startsWith('a valid label must be an empty string')",
        "format.dns1123Label().validate('contains a space').value()[0].startsWith('a lowercase RFC 1123 label must consist of')",
        "format.qualifiedName().validate('contains a space').value()[0].startsWith('name part must consist of')",
        "!format.named('unknown').hasValue()",
      })
  void formsOfText(String expression) throws Exception {
    assertThat(value(expression)).isEqualTo(true);
  }

  @ParameterizedTest
  @EnumSource
  void everyFormHasItsName(NamedFormat format) throws Exception {
    assertThat(value("format.named('%1$s').value() == format.%1$s()".formatted(format.text())))
        .isEqualTo(true);
    String other = format == NamedFormat.URI ? "uuid" : "uri";
    assertThat(value("format.%s() == format.%s()".formatted(format.text(), other)))
        .isEqualTo(false);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ip('192.168.0.1.0') | IP Address "192.168.0.1.0" parse error during conversion from string: ParseAddr("192.168.0.1.0"): IPv4 address too long
          ip('2001:db8:::68') | IP Address "2001:db8:::68" parse error during conversion from string: ParseAddr("2001:db8:::68"): each colon-separated field must have at least one digit (at ":68")
          ip('1.2.3') | ParseAddr("1.2.3"): IPv4 address too short
          ip('1.2.3.256') | ParseAddr("1.2.3.256"): IPv4 field has value >255
          ip('nothing') | ParseAddr("nothing"): unable to parse IP
          ip('::ffff:1.2.3.4') | IPv4-mapped IPv6 address "::ffff:1.2.3.4" is not allowed
          ip('fe80::1%eth0') | IP address "fe80::1%eth0" with zone value is not allowed
          ip.isCanonical('127.0.0.1.0') | ParseAddr("127.0.0.1.0"): IPv4 address too long
          cidr('192.168.0.0/') | network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("192.168.0.0/"): bad bits after slash: ""
          cidr('2001:db8::/') | netip.ParsePrefix("2001:db8::/"): bad bits after slash: ""
          cidr('10.0.0.0/33') | netip.ParsePrefix("10.0.0.0/33"): prefix length out of range
          semver('v1.0') | No Major.Minor.Patch elements found
          semver('v1.0.0') | Invalid character(s) found in major number "v1"
          semver('1.01.0') | Minor number must not contain leading zeroes "01"
          url('../relative') | URL parse error during conversion from string: parse "../relative": invalid URI for request
          url('https://a:b:c/') | URL parse error during conversion from string: parse "https://a:b:c/": invalid port
          """)
  void whatIsWrongIsSaidInItsWords(String expression, String message) {
    assertThatThrownBy(() -> value(expression))
        .isInstanceOf(Compiled.FailedException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "isIP(cidr('192.168.0.0/24'))",
        "isSemver([1, 2, 3])",
        "ip('10.0.0.1') == cidr('10.0.0.0/8')",
        "semver('1.0.0').isLessThan(quantity('1'))",
      })
  void whatDoesNotFitIsNotCompiled(String expression) {
    assertThat(AdmissionExpressions.compile(expression, Set.of(), Map.of(), List.of()).isGood())
        .isFalse();
  }
}
