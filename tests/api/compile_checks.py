"""What must not compile, what must warn, and what must compile everywhere: the headers seen by every compiler at hand.

  compile_checks.py misuse   INCLUDE_DIR COMPILER…   every misuse is refused, and compiles once its one mistake is mended
  compile_checks.py headers  INCLUDE_DIR COMPILER…   each header compiles alone, and all without exceptions and RTTI; none
                                                     makes the optimizer warn about what users do; none includes more than
                                                     jtrace's own and the standard library's
  compile_checks.py names    INCLUDE_DIR LIBRARY SOURCE COMPILER…   JTRACE_FUNCTION's names are the same for all

Beside the project's own compiler, g++ and clang++ of every version that is found are asked. Nothing is written but into a
temporary directory. Exit code 0: all as promised.
"""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]

# (what the user did, the wrong line, the line with its one mistake mended)
MISUSES = [
    # names
    ("a name in two braces", 'auto x = t.start_span({"a", "b"});', 'auto x = t.start_span("a");'),
    ("nullptr as a name", "auto x = t.start_span(nullptr);", 'auto x = t.start_span("");'),
    ("0 as a name", "auto x = t.start_span(0);", 'auto x = t.start_span("0");'),
    ("a number as a name", "auto x = jtrace::start_active_span(5);", 'auto x = jtrace::start_active_span("5");'),
    ("a char as a name", "s.set_operation_name('x');", 's.set_operation_name("x");'),
    # values
    ("a pointer as a tag", 'int* p = nullptr; s.set_tag("k", p);', 'int n = 0; int* p = &n; s.set_tag("k", *p);'),
    ("a void pointer as a tag", 'void* p = nullptr; s.set_tag("k", p);',
     'void* p = nullptr; s.set_tag("k", jtrace::bytes(p, 0));'),
    ("bytes that are no std::byte", 'int b[4] = {}; s.set_tag("k", jtrace::bytes(b));',
     'std::byte b[4] = {}; s.set_tag("k", jtrace::bytes(b));'),
    ("bytes of a view that are no std::byte", 'auto v = jtrace::bytes(std::string_view("x")); s.set_tag("k", v);',
     'std::byte b[4] = {}; auto v = jtrace::bytes(std::span(b)); s.set_tag("k", v);'),
    ("a function as a tag", 's.set_tag("k", &std::abs<int>);', 's.set_tag("k", std::abs(1));'),
    ("a smart pointer as a tag", 'auto p = std::make_shared<int>(1); s.set_tag("k", p);',
     'auto p = std::make_shared<int>(1); s.set_tag("k", *p);'),
    ("nullptr as a tag", 's.set_tag("k", nullptr);', 's.set_tag("k", "");'),
    ("a char as a tag", "s.set_tag(\"k\", 'c');", 's.set_tag("k", "c");'),
    ("a wide text as a tag", 's.set_tag("k", L"wide");', 's.set_tag("k", "narrow");'),
    ("a char8_t as a tag", "s.set_tag(\"k\", u8'c');", 's.set_tag("k", "c");'),
    ("a scoped enum as a tag", 'enum class E { a }; s.set_tag("k", E::a);',
     'enum class E { a }; s.set_tag("k", static_cast<int>(E::a));'),
    ("a duration as a tag", 's.set_tag("k", std::chrono::seconds(1));', 's.set_tag("k", std::chrono::seconds(1).count());'),
    ("a time as a tag", 's.set_tag("k", std::chrono::system_clock::now());',
     's.set_tag("k", std::chrono::system_clock::now().time_since_epoch().count());'),
    ("a tracer as a tag", 's.set_tag("k", t);', 's.set_tag("k", t.enabled());'),
    ("a span as a tag", 's.set_tag("k", s);', 's.set_tag("k", s.is_recording());'),
    ("a vector as a tag", 's.set_tag("k", std::vector<int>{1});', 's.set_tag("k", std::vector<int>{1}[0]);'),
    ("what merely converts to bool as a tag", 'struct B { operator bool() const { return true; } }; s.set_tag("k", B{});',
     'struct B { operator bool() const { return true; } }; s.set_tag("k", static_cast<bool>(B{}));'),
    ("an optional of what is refused", 's.set_tag("k", std::optional<char>(\'c\'));',
     's.set_tag("k", std::optional<int>(1));'),
    ("a lazy tag that gives a pointer", 's.set_tag("k", [] { return static_cast<int*>(nullptr); });',
     's.set_tag("k", [] { return 1; });'),
    ("a lazy tag that wants an argument", 's.set_tag("k", [](int n) { return n; });', 's.set_tag("k", [] { return 1; });'),
    ("a pointer in a log", 'int* p = nullptr; s.log({{"k", p}});', 'int n = 0; s.log({{"k", n}});'),
    ("a char in a log", "s.log({{\"k\", 'c'}});", 's.log({{"k", "c"}});'),
    ("a scoped enum in a start tag", 'enum class E { a }; auto x = t.start_span("x", {.tags = {{"k", E::a}}});',
     'enum class E { a }; auto x = t.start_span("x", {.tags = {{"k", static_cast<int>(E::a)}}});'),
    # braces
    ("a log with its inner braces forgotten", 's.log({"event", "sent"});', 's.log({{"event", "sent"}});'),
    ("tags with their inner braces forgotten", 'auto x = t.start_span("x", {.tags = {"a", "b"}});',
     'auto x = t.start_span("x", {.tags = {{"a", "b"}}});'),
    # errors
    ("set_error of a bool", "s.set_error(true);", 's.set_error("true");'),
    ("set_error of a comparison", "int n = 1; s.set_error(n == 1);", "int n = 1; if (n == 1) s.set_error();"),
    # temporaries
    ("-> of a temporary active span", 't.start_active_span("x")->set_tag("a", 1);',
     'auto x = t.start_active_span("x"); x->set_tag("a", 1);'),
    ("* of a temporary active span", '(*t.start_active_span("x")).set_tag("a", 1);',
     'auto x = t.start_active_span("x"); (*x).set_tag("a", 1);'),
    ("span() of a temporary active span", 'auto& x = t.start_active_span("x").span(); x.finish();',
     'auto a = t.start_active_span("x"); auto& x = a.span(); x.finish();'),
    ("a reference to a chained temporary", 'auto& x = t.start_span("x").set_tag("a", 1); x.finish();',
     'auto x = t.start_span("x").set_tag("a", 1); x.finish();'),
    ("a view of a temporary's hex", "std::string_view v = s.context().trace_id().hex(); (void)v;",
     "const auto h = s.context().trace_id().hex(); std::string_view v = h; (void)v;"),
    ("the view() of a temporary's hex", "auto v = s.context().span_id().hex().view(); (void)v;",
     "const auto h = s.context().span_id().hex(); auto v = h.view(); (void)v;"),
    ("baggage of a temporary context", 'auto v = s.context().baggage_item("k"); (void)v;',
     'const auto c = s.context(); auto v = c.baggage_item("k"); (void)v;'),
    # ownership
    ("copying a span", "auto x = s;", "auto x = std::move(s);"),
    ("copying a span out of its scope", 'auto a = t.start_active_span("x"); auto x = *a;',
     'auto a = t.start_active_span("x"); auto x = std::move(a).release();'),
    ("copying an active span", 'auto a = t.start_active_span("x"); auto b = a;',
     'auto a = t.start_active_span("x"); auto b = std::move(a);'),
    ("copying a scope", "auto a = jtrace::activate(s); auto b = a;", "auto a = jtrace::activate(s); auto b = std::move(a);"),
    ("a span in a std::function", "std::function<void()> f = [x = std::move(s)]() mutable { x.finish(); }; f();",
     "auto f = [x = std::move(s)]() mutable { x.finish(); }; f();"),
    ("a scope by its constructor", "jtrace::Scope x(s);", "auto x = jtrace::activate(s);"),
    ("a scope that holds nothing", "jtrace::Scope x;", "auto x = jtrace::activate(s);"),
    ("release of a named active span", 'auto a = t.start_active_span("x"); auto x = a.release();',
     'auto a = t.start_active_span("x"); auto x = std::move(a).release();'),
    ("finishing by a reference", "jtrace::active_span().finish();", "s.finish();"),
    ("a span as a bool variable", "bool b = s; (void)b;", "bool b = s.is_recording(); (void)b;"),
    # options
    ("options with a name of their own", 'jtrace::StartOptions o; auto x = t.start_span("x", o);',
     'jtrace::StartOptions o; auto x = t.start_span("x", std::move(o));'),
    ("nullptr as a parent", 'auto x = t.start_span("x", {.child_of = nullptr});', 'auto x = t.start_span("x", {.child_of = s});'),
    ("a pointer as a parent", 'auto x = t.start_span("x", {.child_of = &s});', 'auto x = t.start_span("x", {.child_of = s});'),
    ("a text as a kind", 'auto x = t.start_span("x", {.kind = "client"});',
     'auto x = t.start_span("x", {.kind = jtrace::Kind::client});'),
    ("a number as a start time", 'auto x = t.start_span("x", {.start_time = 5});',
     'auto x = t.start_span("x", {.start_time = jtrace::Timestamp(std::chrono::seconds(5))});'),
    # durations
    ("flush of a bare number", "t.flush(5);", "t.flush(std::chrono::seconds(5));"),
    ("close of a bare number", "t.close(0.5);", "t.close(std::chrono::duration<double>(0.5));"),
    # configuration
    ("a bool from a text", 'jtrace::Config c{.disabled = "yes"};', "jtrace::Config c{.disabled = true};"),
    ("a bool from a number", "jtrace::Config c{.trace_id_128bit = 1};", "jtrace::Config c{.trace_id_128bit = true};"),
    ("a name from a number", "jtrace::Config c{.service_name = 5};", 'jtrace::Config c{.service_name = "5"};'),
    ("a name from nullptr", "jtrace::Config c{.service_name = nullptr};", 'jtrace::Config c{.service_name = ""};'),
    ("bytes from a text", 'jtrace::Config c{.max_queue_bytes = "64"};', "jtrace::Config c{.max_queue_bytes = 64};"),
    ("bytes from a bool", "jtrace::Config c{.max_queue_bytes = true};", "jtrace::Config c{.max_queue_bytes = 1};"),
    ("bytes from a fraction", "jtrace::Config c{.max_queue_bytes = 1.5};", "jtrace::Config c{.max_queue_bytes = 1};"),
    ("an interval from a bare number", "jtrace::Config c{.flush_interval = 5};",
     "jtrace::Config c{.flush_interval = std::chrono::seconds(5)};"),
    ("a probability from a text", 'jtrace::Config c{.sampler = {.param = "0.5"}};',
     "jtrace::Config c{.sampler = {.param = 0.5}};"),
    ("a probability from a bool", "jtrace::Config c{.sampler = {.param = true}};", "jtrace::Config c{.sampler = {.param = 1}};"),
    ("a process tag that is a number", 'jtrace::Config c{.tags = {{"a", 1}}};', 'jtrace::Config c{.tags = {{"a", "1"}}};'),
    # carriers
    ("injecting into a number", "jtrace::inject(s.context(), 5);",
     "std::map<std::string, std::string> m; jtrace::inject(s.context(), m);"),
    ("injecting into a const map", "const std::map<std::string, std::string> m; jtrace::inject(s.context(), m);",
     "std::map<std::string, std::string> m; jtrace::inject(s.context(), m);"),
    ("extracting from a text", 'auto c = jtrace::extract(std::string("uber-trace-id: 1:2:0:1"));',
     "auto c = jtrace::extract(std::map<std::string, std::string>());"),
    # the macro
    ("JTRACE_FUNCTION without braces behind an if", "if (s) JTRACE_FUNCTION();", "if (s) { JTRACE_FUNCTION(); }"),
    ("JTRACE_FUNCTION with a number", "JTRACE_FUNCTION(5);", 'JTRACE_FUNCTION("5");'),
    ("JTRACE_FUNCTION_AS without a name for the span", "JTRACE_FUNCTION_AS();", "JTRACE_FUNCTION_AS(span); span->log(\"x\");"),
    ("JTRACE_FUNCTION_ARGS of a pointer", "int* p = nullptr; JTRACE_FUNCTION_ARGS(p);", "int n = 0; int* p = &n; JTRACE_FUNCTION_ARGS(*p);"),
    ("JTRACE_FUNCTION_ARGS without braces behind an if", "int n = 0; if (s) JTRACE_FUNCTION_ARGS(n);",
     "int n = 0; if (s) { JTRACE_FUNCTION_ARGS(n); }"),
    # trace, wrap, traced
    ("trace of what cannot be called", 'jtrace::trace("x", 5);', 'jtrace::trace("x", [] { return 5; });'),
    ("trace without a name", "jtrace::trace([] {});", 'jtrace::trace("x", [] {});'),
    ("trace with a wrong argument", 'jtrace::trace("x", sample::load, "one");', 'jtrace::trace("x", sample::load, 1);'),
    ("trace with an argument too few", 'jtrace::trace("x", sample::load);', 'jtrace::trace("x", sample::load, 1);'),
    ("trace of a method without its object", 'jtrace::trace("x", &sample::Order::load, 1);',
     'sample::Order o; jtrace::trace("x", &sample::Order::load, o, 1);'),
    ("wrap of what cannot be called", 'auto f = jtrace::wrap("x", 5); (void)f;', 'auto f = jtrace::wrap("x", [] { return 5; }); (void)f;'),
    ("a wrapped callable with a wrong argument", 'auto f = jtrace::wrap("x", sample::load); f("one");',
     'auto f = jtrace::wrap("x", sample::load); f(1);'),
    ("traced of one of several functions", "jtrace::traced<&sample::over>(1);",
     "jtrace::traced<jtrace::overload<int(int)>(&sample::over)>(1);"),
    ("traced with a wrong argument", 'jtrace::traced<&sample::load>("one");', "jtrace::traced<&sample::load>(1);"),
    ("traced of a private method", "sample::Order o; jtrace::traced<&sample::Order::hidden>(o);",
     "sample::Order o; jtrace::traced<&sample::Order::load>(o, 1);"),
    ("a span given to a function that is handed its own", "jtrace::traced<&sample::lend>(1, s);", "jtrace::traced<&sample::lend>(1);"),
    ("a method of a constant that changes it", "const sample::Order o; jtrace::traced<&sample::Order::load>(o, 1);",
     "sample::Order o; jtrace::traced<&sample::Order::load>(o, 1);"),
    ("a Span& in a function whose future comes later", "auto f = jtrace::traced<&sample::lend_later>();",
     "auto f = jtrace::traced<&sample::refer_later>();"),
    ("a traced future kept as a plain one", "std::future<int> f = jtrace::traced<&sample::refer_later>();",
     "std::future<int> f = jtrace::traced<&sample::refer_later>().release();"),
    ("copying a traced future", "auto f = jtrace::traced<&sample::refer_later>(); auto g = f;",
     "auto f = jtrace::traced<&sample::refer_later>(); auto g = std::move(f);"),
    # classes
    ("a method of another class", "jtrace::Traced<sample::Order> o; o.call<&sample::Other::go>();",
     "jtrace::Traced<sample::Other> o; o.call<&sample::Other::go>();"),
    ("a traced object of a constant that is changed", "const jtrace::Traced<sample::Order> o; o.call<&sample::Order::load>(1);",
     "jtrace::Traced<sample::Order> o; o.call<&sample::Order::load>(1);"),
    ("a traced object made of what its class is not made of", "jtrace::Traced<sample::Order> o(1, 2); (void)o;",
     "jtrace::Traced<sample::Order> o; (void)o;"),
    ("a method that the class does not have", "file: JTRACE_TRACED_CLASS(Typo, sample::Order, laod);",
     "file: JTRACE_TRACED_CLASS(Typo, sample::Order, load);"),
    # carry
    ("carry of what cannot be called", "auto f = jtrace::carry(5); (void)f;", "auto f = jtrace::carry([] { return 5; }); (void)f;"),
    ("what is carried, with a wrong argument", 'auto f = jtrace::carry(sample::load); f("one");', "auto f = jtrace::carry(sample::load); f(1);"),
    ("carry of a temporary scope", 'auto f = [] { (void)jtrace::start_active_span("x").carry(std::suspend_never()); }; f();',
     'auto f = [] { auto a = jtrace::start_active_span("x"); (void)a.carry(std::suspend_never()); }; f();'),
    ("carry of what cannot be awaited", 'auto a = t.start_active_span("x"); (void)a.carry(5);',
     'auto a = t.start_active_span("x"); (void)a.carry(std::suspend_never());'),
]

# What may be written, but hardly is meant.
DISCARDS = [
    ("a span", 't.start_span("x");'),
    ("a span by the free function", 'jtrace::start_span("x");'),
    ("an active span", 't.start_active_span("x");'),
    ("an active span by the free function", 'jtrace::start_active_span("x");'),
    ("a chained span", 't.start_span("x").set_tag("a", 1);'),
    ("a child", 's.start_child("x");'),
    ("a scope", "jtrace::activate(s);"),
    ("a scope of a context", "jtrace::activate(s.context());"),
    ("what init gave", "jtrace::init({});"),
    ("what make_tracer gave", "jtrace::make_tracer({});"),
    ("what is carried", "jtrace::carry([] {});"),
    ("what is wrapped", 'jtrace::wrap("x", [] {});'),
    ("a traced future", "jtrace::traced<&sample::refer_later>();"),
    ("a released span", 'auto a = t.start_active_span("x"); std::move(a).release();'),
]

PRELUDE = """#include <jtrace/jtrace.h>
#include <jtrace/testing.h>
#include <jtrace/trace.h>
#include <chrono>
#include <coroutine>
#include <cstdlib>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
namespace sample {
int load(int);
int over(int);
int over(double);
void lend(int, jtrace::Span&);
std::future<int> lend_later(jtrace::Span&);
std::future<int> refer_later(jtrace::SpanRef);
class Order {
 public:
  Order() {}
  int load(int);
 private:
  int hidden();
};
struct Other { int go(); };
}
"""

# A line that begins so is no statement, but stands outside of functions.
AT_FILE_SCOPE = "file: "

# What a core header may include: jtrace's own, and the standard library's.
OWN_INCLUDE = re.compile(r'#include ("jtrace/[a-z_/]+\.h"|<[a-z_]+>|<bits/chrono\.h>)')

# What holds spans as members, as filters and handlers do.
HELD = """#include <jtrace/jtrace.h>
#include <optional>
#include <thread>
#include <utility>
#include <vector>
bool is_traced(int n);
void work();
struct Request {
  explicit Request(int n) {
    if (is_traced(n)) span.emplace(jtrace::start_active_span("request"));
    if (is_traced(n + 1)) other.emplace(jtrace::start_span("other"));
  }
  std::optional<jtrace::ActiveSpan> span;
  std::optional<jtrace::Span> other;
  std::optional<jtrace::Scope> scope;
};
Request made(int n) { Request request(n); if (is_traced(1)) return request; return Request(n + 1); }
void several(int n) { std::vector<Request> all; for (int i = 0; i < n; ++i) all.emplace_back(i); work(); }
void moved(int n) { std::optional<Request> one; if (n) one.emplace(n); work(); auto other = std::move(one); work(); }
void on_thread(int n) {
  std::optional<jtrace::ActiveSpan> span;
  if (n) span.emplace(jtrace::start_active_span("x"));
  std::thread([taken = std::move(span)]() mutable { work(); taken.reset(); }).join();
}
"""


def compilers(own):
    """The project's own command, and every g++ and clang++ beside it."""
    commands = [own]
    known = {os.path.realpath(shutil.which(own[-1]) or own[-1])}
    names = ["g++", "clang++"] + [f"{kind}-{v}" for kind in ("g++", "clang++") for v in range(12, 25)]
    for name in names:
        path = shutil.which(name)
        if path and os.path.realpath(path) not in known:
            known.add(os.path.realpath(path))
            commands.append([name])
    return commands


def compile_text(command, include, text, flags, depth=("-fsyntax-only",)):
    """Compiles a text without writing anything; returns the exit code and what the compiler said."""
    done = subprocess.run(
        command + ["-std=c++20", "-x", "c++", *depth, "-fdiagnostics-color=never", "-I", include] + flags + ["-"],
        input=text, capture_output=True, text=True, env=dict(os.environ, LC_ALL="C"))
    return done.returncode, done.stderr


def all_errors(command):
    return ["-ferror-limit=0"] if "clang" in command[-1] else ["-fmax-errors=0"]


def functions(lines):
    """One function per line, each in a file name of its own, so that the compiler's messages tell them apart."""
    text = PRELUDE
    for number, line in enumerate(lines):
        text += f'#line 1 "case {number}:"\n'
        if line.startswith(AT_FILE_SCOPE):
            text += f"{line.removeprefix(AT_FILE_SCOPE)}\n"
            continue
        text += f"void function{number}([[maybe_unused]] jtrace::Tracer& t, [[maybe_unused]] jtrace::Span& s) {{ {line} }}\n"
    return text


def cases_with(stderr, words):
    """The numbers of the cases about which the compiler used one of these words."""
    found = set()
    for line in stderr.splitlines():
        number = re.match(r".*\bcase (\d+)::", line)
        if number and any(word in line for word in words):
            found.add(int(number.group(1)))
    return found


def check_misuse(command, include):
    failures = []
    name = " ".join(command)

    # Errors inside the standard library, our own headers or a macro name the user's line in a note.
    _, said = compile_text(command, include, functions([wrong for _, wrong, _ in MISUSES]), all_errors(command))
    refused = cases_with(said, ["error:", "required from", "requested here", "in expansion of macro"])
    failures += [f"{name} accepts {what}: {wrong}" for i, (what, wrong, _) in enumerate(MISUSES) if i not in refused]

    code, said = compile_text(command, include, functions([right for _, _, right in MISUSES]),
                              STRICT + ["-Wno-unused-variable", "-Wno-unused-but-set-variable"] + all_errors(command))
    if code != 0:
        failures.append(f"{name} refuses or warns about what is right:\n{said}")

    code, said = compile_text(command, include, functions([line for _, line in DISCARDS]), ["-Wall", "-Wextra"])
    warned = cases_with(said, ["nodiscard", "unused"])
    failures += [f"{name} does not warn when {what} is discarded: {line}"
                 for i, (what, line) in enumerate(DISCARDS) if i not in warned]
    if code != 0:
        failures.append(f"{name} refuses what is only to be warned about:\n{said}")
    return failures


def core_headers(include):
    """All but integrations/, which are for those who have the library that they are about."""
    return sorted(p for p in pathlib.Path(include, "jtrace").rglob("*.h") if "integrations" not in p.parts)


def check_includes(include):
    """A type of somebody else's cannot be in a header that includes nothing of somebody else's."""
    return [f"{path.relative_to(include)} includes {line.split(maxsplit=1)[1]}, which is neither jtrace's nor standard"
            for path in core_headers(include) for line in path.read_text().splitlines()
            if re.match(r"\s*#\s*include\b", line) and not OWN_INCLUDE.fullmatch(line.split("//")[0].strip())]


def check_headers(command, include, each):
    failures = []
    headers = [p.relative_to(include).as_posix() for p in core_headers(include)]
    jobs = [(header, STRICT) for header in headers if each or header in ("jtrace/jtrace.h", "jtrace/testing.h")]
    bare = STRICT + ["-fno-exceptions", "-fno-rtti"]
    jobs += [("jtrace/jtrace.h", bare), ("jtrace/testing.h", bare), ("jtrace/trace.h", bare)]
    for header, flags in jobs:
        # Twice, since users will.
        code, said = compile_text(command, include, f"#include <{header}>\n#include <{header}>\n", flags)
        if code != 0:
            failures.append(f"{' '.join(command)} {' '.join(flags)} {header}:\n{said}")
    return failures


def check_optimized(command, include):
    """Some warnings are found by the optimizer only, once it has inlined the headers into what users write."""
    failures = []
    for level in ("-O1", "-O2", "-O3"):
        code, said = compile_text(command, include, HELD, STRICT + [level], ("-c", "-o", os.devnull))
        if code != 0:
            failures.append(f"{' '.join(command)} {level} warns about spans that are held:\n{said}")
    return failures


def check_names(command, include, library, source):
    name = " ".join(command)
    library = os.path.abspath(library)
    folder = os.path.dirname(library)
    with tempfile.TemporaryDirectory() as scratch:
        program = os.path.join(scratch, "names")
        built = subprocess.run(
            command + ["-std=c++20", "-O1", "-I", include, source, library, f"-Wl,-rpath,{folder}", "-pthread", "-o", program],
            capture_output=True, text=True)
        if built.returncode != 0:
            return [f"{name} cannot build the program:\n{built.stderr}"]
        ran = subprocess.run([program], capture_output=True, text=True, timeout=60)
        return [] if ran.returncode == 0 else [f"{name}:\n{ran.stdout}{ran.stderr}"]


def main():
    what, include, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
    if what == "names":
        library, source, own = rest[0], rest[1], rest[2:]
        check = lambda command: check_names(command, include, library, source)
    else:
        own = rest
        # Whether a header stands alone hardly depends on the version: one g++ and one clang++ look closely.
        check = lambda command: (check_misuse(command, include) if what == "misuse" else
                                 check_headers(command, include, command in (own, other_kind)) +
                                 (check_optimized(command, include) if command in (own, other_kind) else []))
    commands = compilers(own)
    other_kind = next((c for c in commands if ("clang" in c[-1]) != ("clang" in own[-1])), None)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        failures = [failure for found in pool.map(check, commands) for failure in found]
    if what == "headers":
        failures += check_includes(include)
    for failure in failures:
        print(failure)
    print(f"{what}: asked {', '.join(' '.join(c) for c in commands)}; {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
