// Endpoints: every way of writing one, what it means, what is none, and that credentials are used but not shown.
#include "transport/endpoint.h"

#include <doctest/doctest.h>

#include <string>

using namespace jtrace::detail;

TEST_CASE("an endpoint means the URL that its batches are posted to") {
  const struct {
    const char *given, *url;
  } cases[] = {
      // As is.
      {"http://h:14268/api/traces", "http://h:14268/api/traces"},
      {"https://h/x?y=1", "https://h/x?y=1"},
      {"http://h/x/", "http://h/x/"},
      {"http://h:80/x", "http://h:80/x"},
      {"http://192.0.2.1:1/x", "http://192.0.2.1:1/x"},
      {"http://[2001:db8::1]:1/x", "http://[2001:db8::1]:1/x"},
      // With the path of Jaeger's collector.
      {"http://h:4444", "http://h:4444/api/traces"},
      {"http://h:4444/", "http://h:4444/api/traces"},
      {"https://h", "https://h/api/traces"},
      {"http://h", "http://h/api/traces"},
      {"https://h:65535", "https://h:65535/api/traces"},
      {"http://[::1]:4444", "http://[::1]:4444/api/traces"},
      // And with its port.
      {"h", "http://h:14268/api/traces"},
      {"h:4444", "http://h:4444/api/traces"},
      {"h.example.org", "http://h.example.org:14268/api/traces"},
      {"127.0.0.1", "http://127.0.0.1:14268/api/traces"},
      {"[::1]", "http://[::1]:14268/api/traces"},
      {"[::1]:4444", "http://[::1]:4444/api/traces"},
      {"localhost:1", "http://localhost:1/api/traces"},
  };
  for (const auto& wanted : cases) {
    CAPTURE(std::string(wanted.given));
    const auto endpoint = parse_endpoint(wanted.given);
    REQUIRE(endpoint.has_value());
    CHECK(endpoint->url == wanted.url);
    CHECK_FALSE(endpoint->has_credentials());
  }
}

TEST_CASE("what cannot be posted to is refused") {
  for (const char* given : {"", " ", "\t", "ftp://h", "file:///etc/passwd", "unix:", "unix:x", "unix:/", "unix:/x/", "unix://h/x", "unix:/x:/a b", "http://", "https://", "http:///x", "://h", "http://:80",
                            ":80", "h:70000", "http://h:70000", "http://h:65536", "http://h:0", "h:0", "http://h:-1", "http://h:x", "http://h:1x/",
                            "h h", " h", "h ", "h/x", "h?x", "http://h/a b", "http://h\n", "http://[::1", "[::1", "http://h\x01/"}) {
    CAPTURE(std::string(given));
    CHECK_FALSE(parse_endpoint(given).has_value());
  }
}

TEST_CASE("credentials are taken out of the URL, decoded, and used") {
  const struct {
    const char *given, *url, *user, *password;
  } cases[] = {
      {"http://user:secret@h/x", "http://h/x", "user", "secret"},
      {"http://user:secret@h", "http://h/api/traces", "user", "secret"},
      {"https://user@h:1", "https://h:1/api/traces", "user", ""},
      {"http://:secret@h", "http://h/api/traces", "", "secret"},
      {"http://us%40er:s%3Acr%2Ft@h", "http://h/api/traces", "us@er", "s:cr/t"},
      {"user:secret@h:4444", "http://h:4444/api/traces", "user", "secret"},
      {"user:secret@[::1]", "http://[::1]:14268/api/traces", "user", "secret"},
  };
  for (const auto& wanted : cases) {
    CAPTURE(std::string(wanted.given));
    const auto endpoint = parse_endpoint(wanted.given);
    REQUIRE(endpoint.has_value());
    CHECK(endpoint->url == wanted.url);
    CHECK(endpoint->user == wanted.user);
    CHECK(endpoint->password == wanted.password);
    CHECK(endpoint->has_credentials());
  }
}

TEST_CASE("a unix socket is a path, with or without the path of the request behind it") {
  const struct {
    const char *given, *socket, *url, *shown;
  } cases[] = {
      {"unix:/x", "/x", "http://localhost/api/traces", "unix:/x"},
      {"unix:/run/jaeger.sock", "/run/jaeger.sock", "http://localhost/api/traces", "unix:/run/jaeger.sock"},
      {"unix:///run/j.sock", "/run/j.sock", "http://localhost/api/traces", "unix:/run/j.sock"},
      {"unix:/run/j:1.sock:/y", "/run/j:1.sock", "http://localhost/y", "unix:/run/j:1.sock:/y"},
      {"unix:/x:/y?z=1", "/x", "http://localhost/y?z=1", "unix:/x:/y?…"},
      {"unix:/x:/api/traces", "/x", "http://localhost/api/traces", "unix:/x"},
  };
  for (const auto& wanted : cases) {
    CAPTURE(std::string(wanted.given));
    const auto endpoint = parse_endpoint(wanted.given);
    REQUIRE(endpoint.has_value());
    CHECK(endpoint->unix_socket == wanted.socket);
    CHECK(endpoint->url == wanted.url);
    CHECK(endpoint->shown == wanted.shown);
  }
  CHECK(parse_endpoint("unix:/" + std::string(106, 'x')).has_value());
  CHECK_FALSE(parse_endpoint("unix:/" + std::string(107, 'x')).has_value());  // sockaddr_un has no room for it
}

TEST_CASE("an endpoint is shown without its query, which may hold a token") {
  CHECK(parse_endpoint("https://h/x?token=secret")->shown == "https://h/x?…");
  CHECK(parse_endpoint("https://user:secret@h/x")->shown == "https://h/x");
}

TEST_CASE("what was given is shown without its credentials and its query, and otherwise as it is") {
  CHECK(without_secrets("http://user:secret@h/x") == "http://***@h/x");
  CHECK(without_secrets("user:secret@h") == "***@h");
  CHECK(without_secrets("http://us@er:secret@h") == "http://***@h");
  CHECK(without_secrets("ftp://h/x") == "ftp://h/x");
  CHECK(without_secrets("a=1,b") == "a=1,b");
  CHECK(without_secrets("ftp://h/x?token=secret") == "ftp://h/x?…");
  CHECK(without_secrets("") == "");
}
