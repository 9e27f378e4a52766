// Covers tools/jtrace-collector/options.h and file.h: the command line, and files that are never seen half written.
#include "options.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "file.h"
#include "quantity.h"

using namespace jtrace::collector;
using namespace std::chrono_literals;

namespace {

ParsedOptions parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "jtrace-collector");
  arguments.push_back(nullptr);
  return parse_options(static_cast<int>(arguments.size()) - 1, arguments.data());
}

void check_mistake(std::vector<const char*> arguments, const std::string& named) {
  const ParsedOptions parsed = parse(std::move(arguments));
  CHECK_FALSE(parsed.options);
  CHECK(parsed.exit_code == 2);
  CHECK_MESSAGE(parsed.text.find(named) != std::string::npos, parsed.text);
}

// A directory that goes away with its content.
class Directory {
 public:
  Directory() {
    std::string pattern = "/tmp/jtrace-collector-test-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~Directory() { [[maybe_unused]] const int status = std::system(("rm -rf " + path_).c_str()); }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::string content_of(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

}  // namespace

TEST_CASE("without options it listens where Jaeger does, on loopback") {
  const auto options = parse({}).options;
  REQUIRE(options);
  CHECK(options->host == "127.0.0.1");
  CHECK(options->port == 14268);
  CHECK(options->query_port == 16686);
  CHECK(options->quiet_period == 1500ms);
  CHECK(options->max_memory == 256 << 20);
  CHECK(options->max_body == 20 << 20);
  CHECK_FALSE(options->quiet);
}

TEST_CASE("every option is taken over") {
  const auto options = parse({"--host=::1", "--port", "0", "--query-port=1", "--ports-file=p", "--out=o", "--quiet",
                              "--quiet-period=2s", "--max-memory=1GB", "--max-body=1 kB", "--color=always", "--ascii",
                              "--width=120"}).options;
  REQUIRE(options);
  CHECK(options->host == "::1");
  CHECK(options->port == 0);
  CHECK(options->query_port == 1);
  CHECK(options->ports_file == "p");
  CHECK(options->out_file == "o");
  CHECK(options->quiet);
  CHECK(options->quiet_period == 2s);
  CHECK(options->max_memory == 1'000'000'000);
  CHECK(options->max_body == 1000);
  CHECK(options->colour == Colour::kAlways);
  CHECK(options->ascii);
  CHECK(options->width == 120);
}

TEST_CASE("a mistake is named, with the value that is wrong") {
  check_mistake({"--port=70000"}, "--port: '70000'");
  check_mistake({"--port=-1"}, "--port: '-1'");
  check_mistake({"--query-port=x"}, "--query-port: 'x'");
  check_mistake({"--port=5", "--query-port=5"}, "--query-port: '5'");
  check_mistake({"--max-memory=lots"}, "--max-memory: 'lots'");
  check_mistake({"--max-memory=0"}, "--max-memory: '0'");
  check_mistake({"--max-body=2GiB"}, "--max-body: '2GiB'");
  check_mistake({"--quiet-period=soon"}, "--quiet-period: 'soon'");
  check_mistake({"--color=pink"}, "--color: 'pink'");
  check_mistake({"--width=10"}, "--width: '10'");
  check_mistake({"--host="}, "--host");
  check_mistake({"--no-such-option"}, "no-such-option");
  check_mistake({"stray"}, "'stray'");
}

TEST_CASE("help and version are no mistakes") {
  const ParsedOptions help = parse({"--help"});
  CHECK(help.exit_code == 0);
  for (const char* option : {"--port", "--query-port", "--out", "--quiet", "--max-memory", "Exit codes"}) {
    CHECK_MESSAGE(help.text.find(option) != std::string::npos, option);
  }
  CHECK(parse({"--version"}).exit_code == 0);
  CHECK(parse({"--version"}).text.starts_with("jtrace-collector "));
}

TEST_CASE("sizes and periods have units") {
  CHECK(parse_size("4096") == 4096);
  CHECK(parse_size("1.5KiB") == 1536);
  CHECK(parse_size("2 MB") == 2'000'000);
  CHECK(parse_period("250") == 250ms);
  CHECK(parse_period("1.5s") == 1500ms);
  CHECK(parse_period("1m") == 60s);
  for (const char* bad : {"", "-1", "1e3", "1 XB", "nan", "inf", "0x10", "99999999999999GiB"}) CHECK_MESSAGE(!parse_size(bad), bad);
  for (const char* bad : {"", "-1s", "1h", "s", "99999m"}) CHECK_MESSAGE(!parse_period(bad), bad);
}

TEST_CASE("a file is replaced whole, also behind a symbolic link") {
  const Directory directory;
  const std::string file = directory.file("out.json");
  CHECK_FALSE(write_file(file, "first"));
  CHECK_FALSE(write_file(file, "second"));
  CHECK(content_of(file) == "second");
  const std::string link = directory.file("link.json");
  REQUIRE(symlink(file.c_str(), link.c_str()) == 0);
  CHECK_FALSE(write_file(link, "third"));
  CHECK(content_of(file) == "third");
}

TEST_CASE("a file that cannot be written is named and leaves nothing behind") {
  const Directory directory;
  const auto problem = write_file(directory.file("missing/out.json"), "x");
  REQUIRE(problem);
  CHECK(problem->find("missing/out.json") != std::string::npos);
  CHECK(problem->find("No such file or directory") != std::string::npos);
  REQUIRE(mkdir(directory.file("folder").c_str(), 0700) == 0);
  CHECK(write_file(directory.file("folder"), "x"));
  CHECK(access((directory.file("folder") + ".new-" + std::to_string(getpid())).c_str(), F_OK) != 0);
}

TEST_CASE("a device is written as it is") { CHECK_FALSE(write_file("/dev/null", "x")); }
