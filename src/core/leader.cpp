#include "core/leader.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>

#include <cstring>
#include <string>

#include "core/log_line.h"
#include "core/thread.h"
#include "jtrace/carriers.h"
#include "jtrace/version.h"

// What a copy's note points to: a part of it that never changes, whatever the version.
extern "C" {
struct JtraceSeat {
  std::uint32_t leads;  // by atomic operations; the rest may only be read where it is 1
  std::uint32_t version;
  const jtrace::detail::Interface* interface;
};
[[gnu::visibility("hidden")]] extern JtraceSeat jtrace_seat;
}

// A note whose descriptor says how far from itself the seat lies: known when the image is linked, so that a note can be read
// while the loader is still at work on its image.
asm(R"(
  .pushsection .note.jtrace, "a", %note
  .balign 4
  .long 7
  .long 8
  .long 1
  .asciz "jtrace"
  .balign 4
  .quad jtrace_seat - .
  .popsection
)");

namespace jtrace::inline v1::detail {

constinit const Interface nobody_yet{};
constinit std::atomic<const Interface*> followed{&nobody_yet};

namespace {

constexpr char kOwner[] = "jtrace";
constexpr std::uint32_t kSeatNote = 1;

constexpr Interface own_interface{
    .release = JTRACE_VERSION,
    .decide = decide,
    .init = init_here,
    .make_tracer = make_tracer_here,
    .flush = flush,
    .close = close,
    .read_stats = read_stats,
    .start = start_for_follower,
    .start_active = start_active_for_follower,
    .start_near = start_span_near,
    .start_active_near = start_active_span_near,
    .put_item = put_item_for_follower,
    .put_flag = put_flag_for_follower,
    .add_log = add_log,
    .add_event = add_event,
    .rename = rename,
    .add_baggage = add_baggage,
    .mark_error = mark_error,
    .mark_exception = mark_exception,
    .mark_exception_ptr = mark_exception,
    .finish = finish,
    .release_span = release,
    .activate = activate_for_follower,
    .close_scope = close_scope,
    .active_context = active_context,
    .active_ticket = active_ticket,
    .set_log_sink = set_log_sink,
    .set_log_level = set_log_level,
    .log_level = log_level,
    .set_priority = set_priority,
    .take_active_context = take_active_context,
    .leave_scopes = leave_scopes,
    .enter_scopes = enter_scopes,
    .abandon_scopes = abandon_scopes,
    .inject = inject,
    .extract = extract,
    .inject_binary = inject_binary,
    .extract_binary = extract_binary,
    .start_offered = start_offered,
    .withdraw = withdraw,
    .start_function_near = start_function_near,
    .lend = lend,
    .settle = settle,
};

std::atomic_ref<std::uint32_t> leads(JtraceSeat& seat) noexcept { return std::atomic_ref(seat.leads); }

// A seat that leads, with a table that we know; otherwise who stood in the way.
struct Search {
  JtraceSeat* leader = nullptr;
  JtraceSeat* stranger = nullptr;

  void look_at(JtraceSeat& seat) noexcept {
    if (leads(seat).load(std::memory_order_acquire) == 0) return;
    const bool is_known_table =
        seat.version == Interface::kVersion && seat.interface->size >= sizeof(Interface);
    JtraceSeat*& found = is_known_table ? leader : stranger;
    if (!found) found = &seat;
  }
};

// The descriptor of a note in [at, end) that is ours; moves on behind the note.
const char* take_seat_note(const char*& at, std::size_t align) noexcept {
  ElfW(Nhdr) note;
  std::memcpy(&note, at, sizeof note);
  const auto padded = [align](std::size_t size) { return (size + align - 1) & ~(align - 1); };
  const char* const name = at + sizeof note;
  const char* const descriptor = at + padded(sizeof note + note.n_namesz);
  at = descriptor + padded(note.n_descsz);
  const bool is_ours = note.n_type == kSeatNote && note.n_namesz == sizeof kOwner &&
                       std::memcmp(name, kOwner, sizeof kOwner) == 0;
  return is_ours ? descriptor : nullptr;
}

int look_into_image(dl_phdr_info* image, std::size_t, void* search) {
  for (int i = 0; i < image->dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = image->dlpi_phdr[i];
    if (part.p_type != PT_NOTE) continue;
    const char* at = reinterpret_cast<const char*>(image->dlpi_addr + part.p_vaddr);
    const char* const end = at + part.p_memsz;
    while (at + sizeof(ElfW(Nhdr)) <= end) {
      const char* descriptor = take_seat_note(at, part.p_align == 8 ? 8 : 4);
      if (!descriptor || at > end) continue;
      std::int64_t distance = 0;
      std::memcpy(&distance, descriptor, sizeof distance);
      static_cast<Search*>(search)->look_at(*reinterpret_cast<JtraceSeat*>(const_cast<char*>(descriptor) + distance));
    }
  }
  return 0;
}

// Called back once, from within a walk: the loader's lock is held all the while, so nobody else is elected, loaded or unloaded.
int elect(dl_phdr_info*, std::size_t, void* search) {
  dl_iterate_phdr(look_into_image, search);
  auto& found = *static_cast<Search*>(search);
  if (found.leader) return 1;
  leads(jtrace_seat).store(1, std::memory_order_release);  // pairs with the acquire in look_at
  found.leader = &jtrace_seat;
  return 1;
}

// Threads, handlers at exit and users' handles outlive a dlclose: this image stays. What cannot be opened by name is the
// executable, which stays anyway.
void stay_loaded() noexcept {
  Dl_info here{};
  if (dladdr(&jtrace_seat, &here) == 0 || !here.dli_fname) return;
  dlopen(here.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
  dlerror();  // ours, if any: nobody else's business
}

const void* image_of(const void* address) noexcept {
  Dl_info about{};
  return dladdr(address, &about) != 0 ? about.dli_fbase : nullptr;
}

// Has the dynamic linker put another copy's functions into our table, as it does where both are exported? Then that copy is
// the one that anybody reaches, and its table is ours.
bool is_shadowed() noexcept {
  return image_of(reinterpret_cast<const void*>(own_interface.decide)) != image_of(&own_interface);
}

void tell_stranger(const JtraceSeat& stranger) noexcept {
  try {
    log_line(LogLevel::warn, std::string("two tracers in one process: jtrace ") + stranger.interface->release +
                                 " is there already, and jtrace " + JTRACE_VERSION + " does not know its interface");
  } catch (...) {
  }
}

}  // namespace

const Interface* find_leader() noexcept {
  if (is_blocked()) return nullptr;  // asked by what the search itself has called
  const int before = errno;
  const Untraced untraced;  // the loader allocates
  Search search;
  const Interface* found = &own_interface;
  if (!is_shadowed()) {
    dl_iterate_phdr(elect, &search);
    found = !search.leader || search.leader == &jtrace_seat ? nullptr : search.leader->interface;
  }
  const bool is_leader = found == nullptr;
  if (is_leader) stay_loaded();
  // release: pairs with the acquire in leader(). Several threads may come here; all find the same.
  const bool is_first = followed.exchange(found, std::memory_order_acq_rel) == &nobody_yet;
  if (is_leader && is_first && search.stranger) tell_stranger(*search.stranger);
  errno = before;
  return found;
}

}  // namespace jtrace::inline v1::detail

[[gnu::used]] constinit JtraceSeat jtrace_seat{0, jtrace::detail::Interface::kVersion, &jtrace::detail::own_interface};
