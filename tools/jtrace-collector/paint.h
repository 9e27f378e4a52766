// The brushes of the waterfall: symbols, colours and bars, in Unicode or plain ASCII, coloured or not.
//
// `Paint` is made once for a drawing and knows its two choices; all its methods return text and keep no state.
// What they are given must already be safe for a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace jtrace::collector {

// Guides are three columns wide, the others as wide as they look.
struct Symbols {
  std::string branch;
  std::string corner;
  std::string pipe;
  std::string dot;
  std::string error;
  std::string orphan;
  std::string log;
  std::string ellipsis;
};

class Paint {
 public:
  Paint(bool colours, bool ascii);

  const Symbols& symbols() const { return symbols_; }

  std::string bold(const std::string& text) const { return wrap("1", text); }
  std::string dim(const std::string& text) const { return wrap("2", text); }
  std::string error(const std::string& text) const { return wrap("1;31", text); }

  // Our own text, with what is not ASCII in it replaced where ASCII is asked for.
  std::string text(std::string text) const;

  // A label that is already as wide as it shall be: guides (so many bytes) and service dim, the name in
  // between in the hue of its service.
  std::string label(const std::string& text, std::size_t guide_bytes, const std::string& service, bool is_error,
                    std::size_t hue) const;

  // The part of `whole` microseconds that begins at `begin` and lasts `length`, on `width` columns. Without
  // blanks behind it.
  std::string bar(std::size_t width, std::uint64_t whole, std::uint64_t begin, std::uint64_t length, bool is_error,
                  std::size_t hue) const;

 private:
  std::string wrap(std::string_view code, const std::string& text) const;

  const bool colours_;
  const bool ascii_;
  const Symbols symbols_;
};

// Marks for `whole` microseconds over `width` columns: 0 at the left, the whole at the right end, and as many
// between as there is room for.
std::string make_axis(std::size_t width, std::uint64_t whole);

}  // namespace jtrace::collector
