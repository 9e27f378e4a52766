// UTF-8: is it valid, and if not, what arrives instead. Each maximal ill-formed part becomes one U+FFFD, as the Unicode
// standard recommends (chapter 3, "U+FFFD Substitution of Maximal Subparts"). Used on the reporter's thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace jtrace::inline v1::detail {

bool is_valid_utf8(std::string_view text) noexcept;

// Writes the repaired text and returns its size: at most three times that of the input.
std::size_t repair_utf8(std::string_view text, char* to) noexcept;
// The same as a text of its own. Throws std::bad_alloc.
std::string repaired_utf8(std::string_view text);

// The longest start of `text` that is at most `size` bytes and does not end inside a character.
std::size_t cut_utf8(std::string_view text, std::size_t size) noexcept;

// How many bytes its first `count` characters have, all of them where it has no more. A byte that begins no character belongs to
// the one before it.
std::size_t size_of_characters(std::string_view text, std::size_t count) noexcept;

}  // namespace jtrace::inline v1::detail
