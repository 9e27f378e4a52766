#include "propagation/found_baggage.h"

#include <algorithm>
#include <utility>

#include "propagation/percent.h"

namespace jtrace::inline v1::detail {
namespace {

bool same_key(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower_of(x) == lower_of(y); });
}

}  // namespace

void FoundBaggage::add(Format from, std::string_view key, std::string_view value, std::string_view properties,
                       Losses& losses) {
  const BaggageLimits& limits = how_.limits;
  if (key.empty()) return;
  if (key.size() > limits.max_key_bytes || value.size() + properties.size() > limits.max_value_bytes) {
    ++losses.baggage_dropped;
    return;
  }
  const std::size_t place = rank(from);
  Item item{std::string(key), std::string(value), std::string(properties), place, place};
  if (merge(item)) return;
  if (items_.size() >= limits.max_items) {
    ++losses.baggage_dropped;
    return;
  }
  items_.push_back(std::move(item));
}

// With one that is there already: of the same format by its key, of another one by its key in any case.
bool FoundBaggage::merge(const Item& more) {
  for (Item& item : items_) {
    const bool same_format = item.key_rank == more.key_rank && item.value_rank == more.value_rank;
    if (same_format ? item.key != more.key : !same_key(item.key, more.key)) continue;
    // The W3C's spelling is the one that was sent; the others' went through lower case.
    if (is_w3c(more.key_rank)) {
      if (is_w3c(item.key_rank) && item.key != more.key) continue;
      item.key = more.key;
      item.key_rank = more.key_rank;
      item.properties = more.properties;
    }
    if (more.value_rank <= item.value_rank) {
      item.value = more.value;
      item.value_rank = more.value_rank;
    }
    return true;
  }
  return false;
}

const Baggage* FoundBaggage::make(std::string_view trace_state) const {
  if (items_.empty() && trace_state.empty()) return nullptr;
  std::vector<BaggageItem> views;
  views.reserve(items_.size());
  for (const Item& item : items_) views.push_back({item.key, item.value, item.properties});
  return Baggage::make(views, trace_state);
}

bool FoundBaggage::is_w3c(std::size_t rank) const noexcept {
  return rank < how_.count && how_.list[rank] == Format::w3c_baggage;
}

// Of what is in the list no format of its own, behind all of them. Both forms of B3 have the same baggage.
std::size_t FoundBaggage::rank(Format from) const noexcept {
  const auto formats = how_.formats();
  const auto is_from = [from](Format format) {
    return format == from || (from == Format::b3_multi && format == Format::b3_single);
  };
  return static_cast<std::size_t>(std::find_if(formats.begin(), formats.end(), is_from) - formats.begin());
}

}  // namespace jtrace::inline v1::detail
