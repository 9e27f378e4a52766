// A library that the traced program loads, compiled with -finstrument-functions as well.
namespace plugin {

volatile int total = 0;

namespace {
[[gnu::noinline]] void inside() { total = total + 1; }
}  // namespace

void run() { inside(); }

}  // namespace plugin

extern "C" [[gnu::visibility("default")]] void plugin_run() { plugin::run(); }
