// Libraries that the traced program loads, compiled with -finstrument-functions as well; they differ in PLUGIN, a name.
namespace PLUGIN {

volatile int total = 0;

namespace {
[[gnu::noinline]] void inside() { total = total + 1; }
}  // namespace

void run() { inside(); }

}  // namespace PLUGIN

extern "C" [[gnu::visibility("default")]] void plugin_run() { PLUGIN::run(); }
