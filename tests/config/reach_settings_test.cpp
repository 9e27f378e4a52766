// The keys that say how the collector is reached: files that must be there, logins that exclude each other, headers that
// would break a request, proxies; and that no error shows a secret.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "config/read_settings.h"
#include "config/warnings.h"
#include "support/environment.h"
#include "transport/gzip.h"

namespace {

using namespace jtrace::detail;
using jtrace::Error;
using support::Environment;

using Code = std::vector<ConfigView>;

Settings settings(const Code& code = {}) {
  SettingsOrError read = read_settings(code);
  CHECK(read.error.message() == "");
  return read.settings;
}
Error error(const Code& code = {}) { return read_settings(code).error; }

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// A folder for one test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "jtrace-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string path(const std::string& name) const { return (path_ / name).string(); }
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
    return path(name);
  }
  std::string certificate() const { return file("cert.pem", "-----BEGIN CERTIFICATE-----\nMII\n"); }
  std::string key() const { return file("key.pem", "-----BEGIN EC PRIVATE KEY-----\nMII\n"); }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("files of TLS come from code and from the environment, and code wins") {
  const Folder folder;
  const std::string ca = folder.file("ca.pem", "a word before\n-----BEGIN TRUSTED CERTIFICATE-----\n");
  const std::string cert = folder.certificate(), key = folder.key();
  const Environment ca_variable("JAEGER_TLS_CA", cert.c_str()), cert_variable("JAEGER_TLS_CERT", cert.c_str()),
      key_variable("JAEGER_TLS_KEY", key.c_str());
  CHECK(settings().tls.ca == cert);
  CHECK(settings().tls.cert == cert);
  CHECK(settings().tls.key == key);
  CHECK(settings({{"tls.ca", ca}}).tls.ca == ca);
  CHECK(settings({{"tls.ca", ""}}).tls.ca == "");  // code says: the system's
}

TEST_CASE("a path is taken as seen from where the program stands when the tracer is made") {
  const Folder folder;
  const std::string cert = folder.certificate();
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path(""));
  CHECK(settings({{"tls.ca", "cert.pem"}}).tls.ca == (std::filesystem::current_path() / "cert.pem").string());
  std::filesystem::current_path(before);
}

TEST_CASE("a file that is not there, cannot be read or is something else is an error that names key and path") {
  const Folder folder;
  const std::string text = folder.file("text", "hello"), empty = folder.file("empty", "");
  const std::string locked = folder.file("locked", "-----BEGIN CERTIFICATE-----\n");
  std::filesystem::permissions(locked, std::filesystem::perms::none);
  const struct {
    const char *key, *variable;
    std::string path;
    const char* reason;
  } cases[] = {
      {"tls.ca", "JAEGER_TLS_CA", folder.path("gone"), "there is none"},
      {"tls.ca", "JAEGER_TLS_CA", text + "/below", "there is none"},
      {"tls.ca", "JAEGER_TLS_CA", folder.path(""), "cannot"},
      {"tls.ca", "JAEGER_TLS_CA", text, "a certificate in it"},
      {"tls.ca", "JAEGER_TLS_CA", empty, "a certificate in it"},
      {"tls.cert", "JAEGER_TLS_CERT", folder.key(), "a certificate in it"},
      {"tls.key", "JAEGER_TLS_KEY", folder.certificate(), "a private key in it"},
      {"tls.key", "JAEGER_TLS_KEY", folder.file("sealed", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), "without a password"},
      {"tls.key", "JAEGER_TLS_KEY",
       folder.file("old", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"), "without a password"},
      {"tls.ca", "JAEGER_TLS_CA", geteuid() == 0 ? folder.path("gone") : locked, geteuid() == 0 ? "there is none" : "may not"},
  };
  for (const auto& wanted : cases) {
    CAPTURE(wanted.path);
    const Error in_code = error({{wanted.key, wanted.path}});
    CHECK(in_code.key() == wanted.key);
    CHECK(in_code.value() == wanted.path);
    CHECK(has(in_code.message(), wanted.path));
    INFO(in_code.message());
    CHECK(has(in_code.message(), wanted.reason));
    const Environment set(wanted.variable, wanted.path.c_str());
    CHECK(error().key() == wanted.variable);
  }
}

TEST_CASE("a key without its certificate is an error that names both") {
  const Folder folder;
  const std::string key = folder.key();
  CHECK(error({{"tls.key", key}}).key() == "tls.key");
  CHECK(has(error({{"tls.key", key}}).message(), "JAEGER_TLS_CERT"));
  const Environment set("JAEGER_TLS_KEY", key.c_str());
  CHECK(error().key() == "JAEGER_TLS_KEY");
  CHECK(error({{"tls.cert", folder.certificate()}}).key() == "");
}

TEST_CASE("a login is user and password, or a token, wherever it is said; both is an error that names both") {
  CHECK(settings({{"auth.user", "u"}, {"auth.password", "p"}}).login.user == "u");
  CHECK(settings({{"endpoint", "http://u:p@h"}}).login.password == "p");
  CHECK(settings({{"endpoint", "http://u:p@h"}, {"auth.user", "v"}}).login.user == "v");
  CHECK(settings({{"endpoint", "http://u:p@h"}, {"auth.user", "v"}}).login.password == "");
  CHECK(settings({{"auth.token", " t.o-k/e+n= \n"}}).login.token == "t.o-k/e+n=");

  const Error both = error({{"auth.user", "user"}, {"auth.password", "secret"}, {"auth.token", "t0ken"}});
  CHECK(both.key() == "auth.user");
  CHECK(has(both.message(), "auth.user and auth.token are both set"));
  CHECK(has(error({{"endpoint", "http://u:p@h"}, {"auth.token", "t"}}).message(), "endpoint and auth.token"));
  CHECK(has(error({{"auth.password", "p"}, {"auth.token", "t"}}).message(), "auth.password and auth.token"));
  CHECK(has(error({{"auth.token", "t"}, {"headers.authorization", "x"}}).message(), "auth.token and headers.authorization"));
  CHECK(error({{"headers.Authorization", "x"}}).key() == "");
  const Environment user("JAEGER_USER", "user"), token("JAEGER_AUTH_TOKEN", "t0ken");
  CHECK(has(error().message(), "JAEGER_USER and JAEGER_AUTH_TOKEN are both set"));
  CHECK(has(error({{"auth.user", "u"}}).message(), "auth.user and JAEGER_AUTH_TOKEN"));
  CHECK(settings({{"auth.token", ""}}).login.user == "user");  // code says: none
}

TEST_CASE("logins and headers that would break a request are refused, and none of them is shown") {
  const struct {
    const char *key, *variable, *bad;
  } cases[] = {
      {"auth.user", "JAEGER_USER", "us:secret"},
      {"auth.user", "JAEGER_USER", "us\nsecret"},
      {"auth.password", "JAEGER_PASSWORD", "pass\r\nX: secret"},
      {"auth.token", "JAEGER_AUTH_TOKEN", "Bearer secret"},
      {"auth.token", "JAEGER_AUTH_TOKEN", "se\ncret-secret"},
      {"headers", "JTRACE_HEADERS", "a=b\r\nX: secret"},
      {"headers", "JTRACE_HEADERS", "a=b\nsecret"},
      {"headers", "JTRACE_HEADERS", "a b=secret"},
      {"headers", "JTRACE_HEADERS", "X-Key: secret"},
      {"headers", "JTRACE_HEADERS", "=secret"},
      {"headers", "JTRACE_HEADERS", "\xc3\xa9=secret"},
      {"headers", "JTRACE_HEADERS", "a=1,Content-Length=secret"},
      {"proxy", "JTRACE_PROXY", "ftp://user:secret@h"},
      {"proxy", "JTRACE_PROXY", "http://user:secret@h:70000"},
      {"proxy", "JTRACE_PROXY", "http://user:secret@h/path"},
      {"proxy", "JTRACE_PROXY", "user:secret@"},
  };
  for (const auto& wanted : cases) {
    CAPTURE(std::string(wanted.bad));
    for (const bool in_code : {true, false}) {
      const Environment set(wanted.variable, in_code ? "" : wanted.bad);
      const Error refused = in_code ? error({{wanted.key, wanted.bad}}) : error();
      CHECK(refused.key() == (in_code ? wanted.key : wanted.variable));
      CHECK(has(refused.message(), "allowed is "));
      CHECK_FALSE(has(refused.message(), "secret"));
      CHECK_FALSE(has(refused.value(), "secret"));
    }
  }
}

TEST_CASE("a header from code has any value but control characters, and a name that HTTP knows") {
  const auto headers = settings({{"headers.X-One", "a, b = c"}, {"headers.x-ONE", "\td\t"}, {"headers.Y", ""}}).headers;
  REQUIRE(headers.size() == 2);
  CHECK(headers[0].name == "x-ONE");
  CHECK(headers[0].value == "\td\t");
  for (const char* bad : {"headers.", "headers.a b", "headers.a:", "headers.a\n", "headers.Transfer-Encoding",
                          "headers.content-TYPE", "headers.expect"}) {
    CAPTURE(std::string(bad));
    CHECK(error({{bad, "secret"}}).key() == bad);
    CHECK_FALSE(has(error({{bad, "secret"}}).message(), "secret"));
  }
  for (const std::string bad : {"a\nb", "a\rb", "a\x7f"}) CHECK(error({{"headers.X", bad}}).key() == "headers.X");
}

TEST_CASE("a proxy is what was said for jtrace, else what the variables say for that kind of endpoint") {
  const Environment http("http_proxy", "user:secret@plain:3128"), https("HTTPS_PROXY", "http://tls:1");
  const Environment except("no_proxy", "localhost");
  const Proxy plain = settings({{"endpoint", "h"}}).proxy;
  CHECK(plain.url == "http://plain:3128/");
  CHECK(plain.user == "user");
  CHECK(plain.password == "secret");
  CHECK(plain.except == "localhost");
  CHECK(settings({{"endpoint", "https://h"}}).proxy.url == "http://tls:1/");
  CHECK(settings({{"endpoint", "unix:/x"}}).proxy.url == "");
  CHECK(settings().proxy.url == "");

  const Proxy own = settings({{"endpoint", "h"}, {"proxy", "socks5h://own:1"}}).proxy;
  CHECK(own.url == "socks5h://own:1/");
  CHECK(own.except == "");
  CHECK(settings({{"endpoint", "h"}, {"proxy", "none"}}).proxy.url == "");
  const Environment variable("JTRACE_PROXY", "none");
  CHECK(settings({{"endpoint", "h"}}).proxy.url == "");
  CHECK(settings({{"endpoint", "h"}, {"proxy", ""}}).proxy.url == "http://plain:3128/");  // as if JTRACE_PROXY were not set
}

TEST_CASE("a proxy variable that cannot be read is an error by its name, where there is something to send") {
  const Environment variable("http_proxy", "ftp://user:secret@h");
  CHECK(settings().proxy.url == "");
  CHECK(settings({{"endpoint", "https://h"}}).proxy.url == "");
  const Error refused = error({{"endpoint", "h"}});
  CHECK(refused.key() == "http_proxy");
  CHECK_FALSE(has(refused.message(), "secret"));
}

TEST_CASE("compression is none or gzip; where jtrace has no zlib, the error says so") {
  CHECK_FALSE(settings().gzip);
  CHECK_FALSE(settings({{"compression", "none"}}).gzip);
  CHECK(error({{"compression", "zstd"}}).value() == "zstd");
  const Environment variable("JTRACE_COMPRESSION", "gzip");
  CHECK_FALSE(settings({{"compression", "none"}}).gzip);
  if (Gzip::is_built_in()) {
    CHECK(settings().gzip);
  } else {
    CHECK(error().key() == "JTRACE_COMPRESSION");
    CHECK(has(error().message(), "without zlib"));
  }
}

TEST_CASE("what is allowed but risky, or without effect, is worth a line") {
  CHECK(warnings(settings({{"endpoint", "https://h"}})).empty());
  CHECK(warnings(settings({{"endpoint", "https://h"}, {"tls.server_name", "n"}})).empty());
  const auto blind = warnings(settings({{"endpoint", "https://user:secret@h/?t=secret"}, {"tls.skip_verify", "true"}}));
  REQUIRE(blind.size() == 1);
  CHECK(has(blind[0], "tls.skip_verify"));
  CHECK_FALSE(has(blind[0], "secret"));
  const auto vain = warnings(settings({{"endpoint", "http://h"}, {"tls.skip_verify", "true"}}));
  REQUIRE(vain.size() == 1);
  CHECK(has(vain[0], "no effect"));
}
