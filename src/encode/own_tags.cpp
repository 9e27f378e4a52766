#include "encode/own_tags.h"

#include <algorithm>
#include <stdexcept>

namespace jtrace::inline v1::detail {

template <class PutValue>
OwnTags::Tag OwnTags::encoded(std::string_view key, PutValue&& put_value) {
  std::array<char, 256> bytes{};
  Cursor out{bytes.data()};
  out.text(1, key);
  put_value(out);
  Tag tag;
  tag.size = static_cast<std::size_t>(out.at - bytes.data());
  if (tag.size > tag.bytes.size()) throw std::length_error("a tag of the library's own is longer than its block");
  std::copy_n(bytes.data(), tag.size, tag.bytes.data());
  return tag;
}

OwnTags::OwnTags(const Sampler& sampler) {
  sampler_type_ = encoded(kSamplerTypeKey, [&](Cursor& out) { out.text_value(sampler.name()); });
  sampler_param_ = encoded(kSamplerParamKey, [&](Cursor& out) {
    if (sampler.type() == Sampler::Type::constant) return out.bool_value(sampler.param() != 0);
    out.double_value(sampler.param());
  });
  std::copy_n(sampler_type_.bytes.data(), sampler_type_.size, sampler_.bytes.data());
  std::copy_n(sampler_param_.bytes.data(), sampler_param_.size, sampler_.bytes.data() + sampler_type_.size);
  sampler_.size = sampler_type_.size + sampler_param_.size;

  constexpr std::string_view names[] = {"", "client", "server", "producer", "consumer", "internal", "", ""};
  for (std::size_t i = 0; i < kinds_.size(); ++i)
    kinds_[i] = encoded(kKindKey, [&](Cursor& out) { out.text_value(names[i]); });
  cut_ = encoded(kCutKey, [&](Cursor& out) { out.bool_value(true); });
}

}  // namespace jtrace::inline v1::detail
