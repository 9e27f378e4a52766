// What a copy of jtrace from another time looks like to the others: it leads, and its table is of a version that is not ours.
#include <cstdint>

namespace {
struct Interface {
  std::uint32_t version, size;
  const char* release;
};
constexpr Interface interface{999, sizeof(Interface), "99.0"};
}  // namespace

extern "C" {
struct Seat {
  std::uint32_t leads, version;
  const Interface* interface;
};
[[gnu::visibility("hidden"), gnu::used]] Seat stranger_seat{1, 999, &interface};
}

asm(R"(
  .pushsection .note.jtrace, "a", %note
  .balign 4
  .long 7
  .long 8
  .long 1
  .asciz "jtrace"
  .balign 4
  .quad stranger_seat - .
  .popsection
)");
