// The wide way with AVX-512: a part of a span is one load, one vpermi2b and one store of 64 bytes, of which those
// behind the part are overwritten by the next. Loads of texts are masked, so they do not touch what another thread may
// be writing behind a record.
#include "encode/wide_spans.h"

#include <immintrin.h>

#include <algorithm>

#include "encode/cursor.h"
#include "encode/key_bits.h"
#include "encode/last_tags.h"
#include "encode/usual_span.h"
#include "wide_forms.h"

namespace jtrace::inline v1::detail {
namespace {

#define JTRACE_WIDE gnu::target("avx512f,avx512bw,avx512vl,avx512vbmi,bmi2")
#define JTRACE_WIDE_INLINED JTRACE_WIDE, gnu::always_inline

constexpr WideForms kForms;

// Where the next item is, and where the next tag goes; null where this way ends.
struct Step {
  const char* at;
  char* to;
};

// A tag of another type, a longer one, or one whose key may have been there before.
[[gnu::noinline, gnu::cold]] Step put_other_tag(RecordView record, const char* at, char* to, bool is_new) noexcept {
  if (!is_new && !LastTags::is_new_key(record, at)) return {};
  Cursor out{to};
  const char* const next = out.any_tag(Item(at));
  return {next, out.at};
}

// The state of the span that is being written: in registers, like a Cursor.
struct Wide {
  const WideForms* forms = &kForms;
  __m512i constants;
  __m512i texts;  // all of a span's, or-ed together: is one of them not ASCII?

  [[JTRACE_WIDE_INLINED]] static __m512i load(const void* from) noexcept { return _mm512_loadu_si512(from); }
  [[JTRACE_WIDE_INLINED]] static void store(char* to, __m512i bytes) noexcept { _mm512_storeu_si512(to, bytes); }

  // From memory: they need not outlive a call, for which they would be saved in each span, also in one without a call.
  [[JTRACE_WIDE_INLINED]] void load_constants() noexcept {
    asm("" : "+r"(forms));
    constants = load(&forms->constants);
  }
  [[JTRACE_WIDE_INLINED]] __m512i load_text(const char* from, std::size_t size) noexcept {
    return _mm512_maskz_loadu_epi8(forms->first[size], from);
  }
  [[JTRACE_WIDE_INLINED]] void put(char* to, __m512i source, const Form& form) const noexcept {
    store(to, _mm512_permutex2var_epi8(source, load(&form), constants));
  }
  [[JTRACE_WIDE_INLINED]] void put_times(char* to, __m512i header, std::int64_t start,
                                         std::int64_t duration) const noexcept {
    const __m512i with_times = _mm512_inserti32x4(constants, _mm_set_epi64x(duration, start), 3);
    store(to, _mm512_permutex2var_epi8(header, load(&forms->times), with_times));
  }
  [[JTRACE_WIDE_INLINED]] void put_name(char* to, const char* name, std::size_t size) noexcept {
    const __m256i text = _mm256_maskz_loadu_epi8(static_cast<__mmask32>(forms->first[size]), name);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), text);
    // Not _mm512_zextsi256_si512, in which GCC 12 sees a use of something uninitialized.
    texts = _mm512_maskz_inserti64x4(0xff, _mm512_setzero_si512(), text, 0);
  }
  [[JTRACE_WIDE_INLINED]] Step put_text(const char* at, char* to, std::size_t key, std::size_t size) noexcept {
    const __m512i item = load_text(at, sizeof(ItemHeader) + size);
    texts = _mm512_or_si512(texts, item);
    put(to, item, forms->text[key]);
    return {at + sizeof(ItemHeader) + size, to + WideForms::kTextFrame + size};
  }
  [[JTRACE_WIDE_INLINED]] Step put_long(const char* at, char* to, std::size_t key, std::uint64_t value) noexcept {
    const __m512i item = load_text(at, sizeof(ItemHeader) + key);
    texts = _mm512_or_si512(texts, item);
    put(to, item, forms->integer[key]);
    Cursor::store64(to + WideForms::kLongValueAt + key, value);
    return {at + sizeof(ItemHeader) + key + sizeof value, to + WideForms::kLongFrame + key};
  }
  // A call does not keep wide registers; of the texts only the top bits count.
  [[JTRACE_WIDE_INLINED]] Step put_other(RecordView record, Step next, bool is_new) noexcept {
    const __mmask64 high = _mm512_movepi8_mask(texts);
    next = put_other_tag(record, next.at, next.to, is_new);
    texts = _mm512_movm_epi8(high);
    load_constants();
    return next;
  }
  [[JTRACE_WIDE_INLINED]] bool is_ascii() const noexcept { return _mm512_movepi8_mask(texts) == 0; }
};

// Returns where the span ends; null if it is for the generic way.
[[JTRACE_WIDE_INLINED]] inline char* put_wide_span(Wide& wide, char* to, RecordView record, const OwnTags& own_tags,
                                                   TickMap& time) noexcept {
  const RecordHeader& header = record.header();
  const std::size_t name_size = header.name_size;
  if (is_rare(record) || name_size > WideForms::kMostName) [[unlikely]] return nullptr;
  const __m512i header_bytes = Wide::load(&header);
  wide.put(to, header_bytes, wide.forms->name);
  wide.put_name(to + WideForms::kNameAt, record.name().data(), name_size);
  to += WideForms::kNameAt + name_size;
  if (header.parent_id != 0) {
    wide.put(to, header_bytes, wide.forms->parent);
    to += WideForms::kParentBytes;
  }
  const std::int64_t start = time.micros_before(header.start), end = time.micros(header.end);
  wide.put_times(to, header_bytes, start, std::max<std::int64_t>(end - start, 1));

  char* const list = to + WideForms::kListAt;
  Tags tags{{list + Cursor::kListHead}};
  KeyBits keys;
  own_tags.put(tags, keys, record);
  std::uint32_t count = tags.count;
  Step next{record.name().data() + name_size, tags.out.at};
  for (const char* const last = record.last_item(); next.at <= last;) {
    const Item item(next.at);
    const std::size_t key = item.key.size();
    ++count;
    if (!keys.add(key, item.last_of_key())) [[unlikely]] {
      next = wide.put_other(record, next, false);
      if (next.at == nullptr) return nullptr;
    } else if (item.is_tag(Op::text) && key + item.header.value_size <= WideForms::kMostText) {
      next = wide.put_text(next.at, next.to, key, key + item.header.value_size);
    } else if (item.is_tag(Op::integer) && key <= WideForms::kMostLongKey) {
      next = wide.put_long(next.at, next.to, key, item.word());
    } else {
      next = wide.put_other(record, next, true);
    }
  }
  if (!wide.is_ascii()) [[unlikely]] return nullptr;
  Cursor out{next.to};
  if (count == 0) {
    out.at = list;
  } else {
    Cursor::store32(list + 4, count);
  }
  out.u8(0);
  return out.at;
}

}  // namespace

Way best_way() noexcept {
  const bool has_all = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi") &&
                       __builtin_cpu_supports("bmi2");
  return has_all ? Way::wide : Way::generic;
}

[[JTRACE_WIDE]] void put_wide_spans(Batch& batch, std::size_t max_bytes, Run& records, const OwnTags& own_tags,
                                    TickMap& time) noexcept {
  const char *at = records.at, *const run_end = records.end;
  char* end = batch.body.end();
  char* const limit = batch.body.data() + max_bytes;
  std::uint32_t spans = 0;
  Wide wide;
  wide.load_constants();
  for (; at < run_end; at += RecordView(at).header().size) {
    char* const to = put_wide_span(wide, end, RecordView(at), own_tags, time);
    if (to == nullptr || to >= limit) [[unlikely]] break;
    end = to;
    ++spans;
  }
  batch.body.end_at(end);
  batch.spans += spans;
  records.at = at;
}

}  // namespace jtrace::inline v1::detail
