package io.coxswain.controlplane.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.coxswain.client.ApiException;
import java.nio.charset.StandardCharsets;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Where links of a server behind a path lead.
class LinksTest {

  private static final Links LINKS = new Links("/p/proxy", "10.0.0.7:80", "api:6443");

  @ParameterizedTest
  @CsvSource({
    "/a/b?c=d#e, /p/proxy/a/b?c=d#e",
    "/, /p/proxy/",
    "/p/proxy/a, /p/proxy/a",
    "/p/proxyother, /p/proxy/p/proxyother",
    "a/b, a/b",
    "../a, ../a",
    "'#top', '#top'",
    "http://10.0.0.7:80/a, /p/proxy/a",
    "//10.0.0.7:80/a, /p/proxy/a",
    "https://api:6443/a, https://api:6443/p/proxy/a",
    "http://elsewhere/a, http://elsewhere/a",
    "//elsewhere/a, //elsewhere/a",
    "mailto:a@b, mailto:a@b",
    "'', ''",
  })
  void areRewritten(String link, String expected) {
    assertThat(LINKS.rewrite(link)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "<a href=\"/x\">y</a>, <a href=\"/p/proxy/x\">y</a>",
    "<A  class=c HREF='/x' >, <A  class=c HREF='/p/proxy/x' >",
    "<img alt=\"a > b href=/n\" src=/x>, <img alt=\"a > b href=/n\" src=/p/proxy/x>",
    "<p title=\"/x\">a < b</p>, <p title=\"/x\">a < b</p>",
    "<!-- <a href=\"/x\"> --><a href=\"/y\">, <!-- <a href=\"/x\"> --><a href=\"/p/proxy/y\">",
    "<script src=\"/x\">if (a<b) { '<a href=\"/x\">' }</script><a href=\"/y\">, <script"
        + " src=\"/p/proxy/x\">if (a<b) { '<a href=\"/x\">' }</script><a href=\"/p/proxy/y\">",
    "<title><a href=\"/x\"></title><link href=\"/y\">, <title><a href=\"/x\"></title><link"
        + " href=\"/p/proxy/y\">",
    "text without end <a href=\"/x, text without end <a href=\"/x",
    "<form action=/x method=post>, <form action=/p/proxy/x method=post>",
  })
  void ofPagesAreFoundInTags(String page, String expected) {
    for (int piece : new int[] {1, 3, 1000}) {
      HtmlLinks links = new HtmlLinks(LINKS);
      StringBuilder out = new StringBuilder();
      for (int at = 0; at < page.length(); at += piece) {
        byte[] bytes =
            page.substring(at, Math.min(page.length(), at + piece))
                .getBytes(StandardCharsets.ISO_8859_1);
        out.append(new String(links.pass(bytes), StandardCharsets.ISO_8859_1));
      }
      out.append(new String(links.rest(), StandardCharsets.ISO_8859_1));
      assertThat(out.toString()).isEqualTo(expected);
    }
  }

  @Test
  void ofPagesKeepEveryOtherByte() {
    byte[] page = new byte[100_000];
    new java.util.Random(3).nextBytes(page);
    HtmlLinks links = new HtmlLinks(LINKS);
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
    out.writeBytes(links.pass(page));
    out.writeBytes(links.rest());
    assertThat(out.toByteArray()).isEqualTo(page);
  }

  @ParameterizedTest
  @CsvSource({
    "web, false, web, ''",
    "web:80, false, web, 80",
    "web:http, false, web, http",
    "http:web:, false, web, ''",
    ":web:80, false, web, 80",
    "https:web:8443, true, web, 8443",
  })
  void idsNameSchemeAndPort(String id, boolean secure, String name, String port) {
    assertThat(ProxyId.parse(id, "pod")).isEqualTo(new ProxyId(secure, name, port));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":80", "ftp:web:21", "a:b:c:d", "https::1"})
  void idsThatAreNoneAreRefused(String id) {
    Assertions.assertThatThrownBy(() -> ProxyId.parse(id, "pod"))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("invalid pod request \"" + id + "\"");
  }
}
