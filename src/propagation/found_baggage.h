// FoundBaggage: the baggage items that extract comes by, until all headers are seen.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/baggage.h"
#include "propagation/propagation.h"

namespace jtrace::inline v1::detail {

class FoundBaggage {
 public:
  explicit FoundBaggage(const Propagation& how) noexcept : how_(how) {}

  // Of the same key and format the last one counts. Throws std::bad_alloc.
  void add(Format from, std::string_view key, std::string_view value, std::string_view properties, Losses& losses);

  // One block with all of it, owned by the caller; null if there is nothing, or no memory.
  const Baggage* make(std::string_view trace_state) const;

 private:
  struct Item {
    std::string key, value, properties;
    std::size_t key_rank, value_rank;  // places in the list of formats
  };

  std::size_t rank(Format from) const noexcept;
  bool is_w3c(std::size_t rank) const noexcept;
  bool merge(const Item& more);

  const Propagation& how_;
  std::vector<Item> items_;
};

}  // namespace jtrace::inline v1::detail
