// OwnTags: the tags that the library sets itself: what the sampler said about a new trace, a span's kind, and that something
// of it was cut. They are encoded once, and put into a span as blocks of a fixed size. A user's tag of the same key counts
// instead.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "encode/cursor.h"
#include "encode/key_bits.h"
#include "record/record_view.h"
#include "samplers/sampler.h"

namespace jtrace::inline v1::detail {

// Tags that were put, and how many.
struct Tags {
  Cursor out;
  std::uint32_t count = 0;
};

class OwnTags {
 public:
  explicit OwnTags(const Sampler& sampler);

  static constexpr std::string_view kCutKey = "jtrace.cut";  // of a span that something of did not fit
  static bool is_own(std::string_view key) noexcept {
    return key == kSamplerTypeKey || key == kSamplerParamKey || key == kKindKey || key == kCutKey;
  }

  // Those that the record is to have, and their keys.
  void put(Tags& tags, KeyBits& keys, RecordView record) const noexcept {
    const auto has = [flags = record.header().flags](std::uint32_t flag) { return (flags & flag) != 0; };
    constexpr std::uint32_t kOthers = kCut | 7u << kKindShift;
    if (!has(kNewTrace | kOthers)) [[likely]] return;
    if (has(kNewTrace)) [[likely]] {
      put(tags, sampler_);
      tags.count = 2;
      keys = kSamplerKeys;
    }
    if (!has(kOthers)) [[likely]] return;
    keys.add(KeyBits{kKindKey, kCutKey});
    if (record.kind() != 0) put(tags, kinds_[record.kind()]);
    if (has(kCut)) put(tags, cut_);
  }
  // Without those whose key the user has set, too: is_taken(key).
  template <class IsTaken>
  void put_others(Tags& tags, RecordView record, IsTaken&& is_taken) const {
    if (record.has(kNewTrace) && !is_taken(kSamplerTypeKey)) put(tags, sampler_type_);
    if (record.has(kNewTrace) && !is_taken(kSamplerParamKey)) put(tags, sampler_param_);
    if (record.kind() != 0 && !is_taken(kKindKey)) put(tags, kinds_[record.kind()]);
    if (record.has(kCut) && !is_taken(kCutKey)) put(tags, cut_);
  }

  static constexpr std::size_t kMostBytes = 96 + 48 + 48;  // of all together

 private:
  static constexpr std::string_view kSamplerTypeKey = "sampler.type";
  static constexpr std::string_view kSamplerParamKey = "sampler.param";
  static constexpr std::string_view kKindKey = "span.kind";
  static constexpr KeyBits kSamplerKeys = {kSamplerTypeKey, kSamplerParamKey};

  // Bytes in a block that is copied as a whole: what is too much is overwritten by what follows.
  template <std::size_t kBlock>
  struct Encoded {
    std::array<char, kBlock> bytes{};
    std::size_t size = 0;
  };
  using Tag = Encoded<48>;
  using TwoTags = Encoded<96>;

  template <std::size_t kBlock>
  static void put(Tags& tags, const Encoded<kBlock>& tag) noexcept {
    std::memcpy(tags.out.at, tag.bytes.data(), kBlock);
    tags.out.at += tag.size;
    ++tags.count;
  }
  template <class PutValue>
  static Tag encoded(std::string_view key, PutValue&& put_value);

  Tag sampler_type_, sampler_param_, cut_;
  TwoTags sampler_;
  std::array<Tag, 8> kinds_;
};

}  // namespace jtrace::inline v1::detail
