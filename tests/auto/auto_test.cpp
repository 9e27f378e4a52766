// Automatic tracing of programs that do not mention it: compiled with -finstrument-functions by g++ and clang++, run as processes of their
// own against a collector. One case for every program that the build made.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "examples/tree.h"

namespace {

// "path;path", from the build.
std::vector<std::string> programs() {
  std::vector<std::string> all;
  std::istringstream list(AUTO_PROGRAMS);
  for (std::string path; std::getline(list, path, ';');) all.push_back(path);
  return all;
}

struct Traced {
  support::Outcome outcome;
  std::vector<support::SentSpan> spans;
  std::string tree;

  std::size_t count(std::string_view name) const {
    return static_cast<std::size_t>(std::count_if(spans.begin(), spans.end(), [&](const auto& span) { return span.name == name; }));
  }
};

Traced run_by(const std::string& program, const std::string& scene, support::Variables variables) {
  const support::HttpServer collector;
  variables.emplace("JAEGER_ENDPOINT", collector.endpoint());
  variables.emplace("PLUGIN", AUTO_PLUGIN);
  variables.emplace("OTHER_PLUGIN", AUTO_OTHER_PLUGIN);
  Traced traced;
  traced.outcome = support::run({program, scene}, variables);
  traced.spans = support::spans_of(collector);
  traced.tree = examples::tree_of(traced.spans);
  return traced;
}

Traced run(const std::string& program, const std::string& scene, const std::string& patterns, support::Variables variables = {}) {
  variables.emplace("JTRACE_INSTRUMENT", patterns);
  return run_by(program, scene, std::move(variables));
}

void check_success(const Traced& traced) {
  CHECK(traced.outcome.succeeded());
  CHECK(traced.outcome.err.empty());
  CHECK(traced.outcome.out.empty());
}

std::string shown(const Traced& traced) { return traced.outcome.describe() + "\n" + traced.tree; }

}  // namespace

TEST_CASE("all methods of a class are traced by their qualified names, the private and static ones too") {
  for (const std::string& program : programs()) {
    const Traced traced = run(program, "sell", "app::*");
    INFO(program, "\n", shown(traced));
    check_success(traced);
    CHECK(traced.tree ==
          "app::sell\n"
          "  app::Order::price\n"
          "  app::Order::load\n"
          "    app::Order::get_id\n"
          "    app::Order::find\n"
          "    app::Order::get_id\n"
          "  app::Order::convert\n"
          "  app::Order::find\n"
          "  app::hidden\n");
  }
}

TEST_CASE("patterns choose, and those with ! leave out") {
  for (const std::string& program : programs()) {
    INFO(program);
    CHECK(run(program, "sell", "app::Order::*;!app::Order::get_*").tree ==
          "app::Order::price\napp::Order::load\n  app::Order::find\napp::Order::convert\napp::Order::find\n");
    CHECK(run(program, "sell", " app::hidden ; app::sel? ").tree == "app::sell\n  app::hidden\n");
    CHECK(run(program, "sell", "shop::*").tree.empty());
    CHECK(run(program, "sell", "!app::*").tree.empty());
  }
}

TEST_CASE("constructors, destructors and operators are traced where they are named without a star") {
  for (const std::string& program : programs()) {
    INFO(program);
    CHECK(run(program, "sell", "app::Order::Order;app::Order::~Order;app::Order::operator==").tree ==
          "app::Order::Order\napp::Order::operator==\napp::Order::~Order\n");
  }
}

TEST_CASE("without JTRACE_INSTRUMENT nothing is traced, and nothing said") {
  for (const std::string& program : programs()) {
    const Traced traced = run_by(program, "sell", {});
    INFO(program, "\n", shown(traced));
    check_success(traced);
    CHECK(traced.spans.empty());
  }
}

TEST_CASE("without an endpoint a program runs as ever") {
  for (const std::string& program : programs()) {
    const support::Outcome outcome = support::run({program, "sell"}, {{"JTRACE_INSTRUMENT", "*"}});
    INFO(program, "\n", outcome.describe());
    CHECK(outcome.succeeded());
    CHECK(outcome.err.empty());
  }
}

TEST_CASE("a function that is left by an exception is marked, and what comes after is not below it") {
  for (const std::string& program : programs()) {
    const Traced traced = run(program, "recover", "app::*");
    INFO(program, "\n", shown(traced));
    check_success(traced);
    CHECK(traced.tree ==
          "app::recover\n"
          "  app::pass_on !\n"
          "    app::fail !\n"
          "  app::after\n"
          "  app::after\n");
  }
}

TEST_CASE("recursion nests, up to the depth that is asked for") {
  for (const std::string& program : programs()) {
    INFO(program);
    CHECK(run(program, "recursion", "app::*").count("app::deep") == 6);
    const Traced shallow = run(program, "recursion", "app::*", {{"JTRACE_INSTRUMENT_DEPTH", "3"}});
    CHECK(shallow.tree == "app::recursion\n  app::deep\n    app::deep\n");
    const Traced deepest = run(program, "deepest", "app::*");
    INFO(shown(deepest));
    check_success(deepest);
    CHECK(deepest.spans.size() == 65);
    CHECK(deepest.outcome.number("finished") == 65);
    const auto after = support::find_span(deepest.spans, "app::after");
    CHECK(std::any_of(deepest.spans.begin(), deepest.spans.end(), [&](const auto& span) {
      return span.span_id == after.parent_span_id && span.name == "app::deeper";
    }));
    CHECK(deepest.outcome.number("balanced") == 1);
  }
}

TEST_CASE("every thread has calls of its own") {
  for (const std::string& program : programs()) {
    const Traced traced = run(program, "threads", "app::work;app::threads");
    INFO(program, "\n", shown(traced));
    check_success(traced);
    CHECK(traced.tree.size() == std::string("app::threads\n").size() + 4 * std::string("app::work\n").size());
    CHECK(traced.count("app::work") == 4);
  }
}

TEST_CASE("functions that are left by a jump end where the program goes on") {
  for (const std::string& program : programs()) {
    const Traced traced = run(program, "back", "app::*");
    INFO(program, "\n", shown(traced));
    check_success(traced);
    CHECK(traced.tree == "app::back\n  app::jumps\n    app::jump\n  app::after\n");
  }
}

TEST_CASE("calls shorter than the minimum are left out, but for those that are parents") {
  for (const std::string& program : programs()) {
    const Traced traced = run(program, "speeds", "app::*", {{"JTRACE_INSTRUMENT_MIN", "20ms"}});
    INFO(program, "\n", shown(traced));
    check_success(traced);
    CHECK(traced.tree == "app::speeds\n  app::slow\n    app::take\n  app::quick_by_hand\n    by hand\n");
    CHECK(traced.outcome.number("balanced") == 1);
    CHECK(traced.outcome.number("finished") == 5);
  }
}

TEST_CASE("calls that never return end when the program exits") {
  for (const std::string& program : programs()) {
    const Traced traced = run(program, "ends", "app::*");
    INFO(program, "\n", shown(traced));
    check_success(traced);
    CHECK(traced.tree == "app::ends\n  app::leave\n");
  }
}

TEST_CASE("spans that are started by hand lie among the others") {
  for (const std::string& program : programs()) {
    const Traced traced = run(program, "mixed", "app::work");
    INFO(program, "\n", shown(traced));
    check_success(traced);
    CHECK(traced.tree == "app::mixed\n  app::work\n");
  }
}

TEST_CASE("a program's own allocator is traced where the program calls it, not where the tracing does") {
  for (const std::string& program : programs()) {
    const Traced traced = run(program, "sell", "app::sell;memory::*");
    INFO(program, "\n", shown(traced));
    check_success(traced);
    CHECK(traced.tree.starts_with("app::sell\n  memory::allocate\n"));
    CHECK(traced.count("memory::allocate") == traced.count("memory::release"));
    CHECK(traced.outcome.number("balanced") == 1);
  }
}

TEST_CASE("a forked child traces on, with spans of its own") {
  for (const std::string& program : programs()) {
    const Traced traced = run(program, "forks", "app::*");
    INFO(program, "\n", shown(traced));
    check_success(traced);
    CHECK(traced.tree == "app::forks\napp::after\n");
  }
}

TEST_CASE("signals that interrupt the hooks themselves leave every call where it belongs") {
  for (const std::string& program : programs()) {
    const Traced traced = run(program, "signals", "app::*");
    INFO(program, "\n", traced.outcome.describe());
    check_success(traced);
    CHECK(traced.outcome.number("balanced") == 1);
    CHECK(traced.outcome.number("finished") == static_cast<std::int64_t>(traced.spans.size()));
    CHECK(traced.count("app::in_handler") > 1);
    CHECK(traced.count("app::in_handler") == traced.count("app::on_alarm"));
    const auto signals = support::find_span(traced.spans, "app::signals").span_id;
    CHECK(support::find_span(traced.spans, "app::after").parent_span_id == signals);
    const bool all_belong = std::all_of(traced.spans.begin(), traced.spans.end(), [&](const auto& span) {
      return span.name != "app::interrupted" || span.parent_span_id == signals;
    });
    CHECK(all_belong);
  }
}

TEST_CASE("a coroutine's span ends where it is suspended first, and what it does later is below whoever resumes it") {
  for (const std::string& program : programs()) {
    const Traced traced = run(program, "coroutines", "app::coroutines;app::in_steps;app::resume_all;app::work;app::after");
    INFO(program, "\n", shown(traced));
    check_success(traced);
    CHECK(traced.tree == "app::coroutines\n  app::in_steps\n  app::resume_all\n    app::work\n    app::after\n");
  }
}

TEST_CASE("functions of libraries that are loaded later are traced, by the names of the one that is there now") {
  for (const std::string& program : programs()) {
    const Traced traced = run(program, "plugins", "plugin::*;sequel::*;plugin_run");
    INFO(program, "\n", shown(traced));
    check_success(traced);
    const std::string once = "plugin_run\n  plugin::run\n    plugin::inside\n";
    CHECK(traced.tree == once + once + "plugin_run\n  sequel::run\n    sequel::inside\n");
  }
}

TEST_CASE("a stripped program says so in one line, and runs") {
  for (const std::string& program : programs()) {
    const std::string stripped = program + "-stripped";
    REQUIRE(std::system(("strip -o '" + stripped + "' '" + program + "'").c_str()) == 0);
    const Traced traced = run_by(stripped, "sell", {{"JTRACE_INSTRUMENT", "app::*"}});
    std::filesystem::remove(stripped);
    INFO(shown(traced));
    CHECK(traced.outcome.succeeded());
    CHECK(traced.spans.empty());
    CHECK(std::count(traced.outcome.err.begin(), traced.outcome.err.end(), '\n') == 1);
    CHECK(traced.outcome.err.find("jtrace-auto: the program is stripped") != std::string::npos);
  }
}

TEST_CASE("a wrong value is said in one line with the variable, the value and what it takes; no function is traced") {
  const std::string program = programs().front();
  const struct {
    std::string variable, value, wanted;
  } cases[] = {{"JTRACE_INSTRUMENT_MIN", "soon", "100us"},
               {"JTRACE_INSTRUMENT_DEPTH", "0", "1 to 10000"},
               {"JTRACE_INSTRUMENT_DEPTH", "deep", "1 to 10000"}};
  for (const auto& bad : cases) {
    const Traced traced = run(program, "sell", "app::*", {{bad.variable, bad.value}});
    INFO(shown(traced));
    CHECK(traced.outcome.succeeded());
    CHECK(traced.spans.empty());
    CHECK(std::count(traced.outcome.err.begin(), traced.outcome.err.end(), '\n') == 1);
    CHECK(traced.outcome.err.find(bad.variable + "=" + bad.value) != std::string::npos);
    CHECK(traced.outcome.err.find(bad.wanted) != std::string::npos);
  }
}

TEST_CASE("at the level debug each function is said once, whether it is traced or not") {
  const std::string program = programs().front();
  const Traced traced = run(program, "sell", "app::Order::*", {{"JTRACE_LOG_LEVEL", "debug"}});
  INFO(shown(traced));
  CHECK(traced.outcome.err.find("jtrace-auto: app::Order::get_id is traced\n") != std::string::npos);
  CHECK(traced.outcome.err.find("jtrace-auto: app::sell is not traced\n") != std::string::npos);
}
