#include "support/batch.h"

#include <bit>
#include <set>
#include <stdexcept>

namespace support {
namespace {

enum Wire : std::uint8_t {
  kStop = 0,
  kBool = 2,
  kDouble = 4,
  kInt32 = 8,
  kInt64 = 10,
  kText = 11,
  kStruct = 12,
  kList = 15
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  bool at_end() const { return at_ == bytes_.size(); }
  [[noreturn]] void refuse(const std::string& what) const {
    throw std::runtime_error(what + " at byte " + std::to_string(at_) + " of " +
                             std::to_string(bytes_.size()));
  }

  std::uint64_t number(std::size_t width) {
    if (bytes_.size() - at_ < width) refuse("the bytes end within a number");
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value = value << 8 | static_cast<std::uint8_t>(bytes_[at_++]);
    return value;
  }
  std::int64_t i64() { return static_cast<std::int64_t>(number(8)); }
  std::int32_t i32() { return static_cast<std::int32_t>(number(4)); }
  double floating() { return std::bit_cast<double>(number(8)); }
  bool boolean() {
    const std::uint64_t value = number(1);
    if (value > 1) refuse("a bool that is neither 0 nor 1");
    return value == 1;
  }
  std::string text() {
    const std::int32_t length = i32();
    if (length < 0 || bytes_.size() - at_ < static_cast<std::size_t>(length))
      refuse("the bytes end within a text");
    const std::size_t start = at_;
    at_ += static_cast<std::size_t>(length);
    return std::string(bytes_.substr(start, static_cast<std::size_t>(length)));
  }

  // Calls field(id, type) for each field up to the stop byte; it must read the value.
  template <class F>
  void structure(const char* name, std::initializer_list<int> required, F&& field) {
    std::set<int> seen;
    for (;;) {
      const auto type = static_cast<std::uint8_t>(number(1));
      if (type == kStop) break;
      const int id = static_cast<int>(number(2));
      if (!seen.insert(id).second) refuse(std::string(name) + " has field " + std::to_string(id) + " twice");
      field(id, type);
    }
    for (const int id : required) {
      if (!seen.contains(id)) refuse(std::string(name) + " lacks field " + std::to_string(id));
    }
  }

  template <class F>
  void list(std::uint8_t of, F&& element) {
    if (number(1) != of) refuse("a list of an unexpected type");
    const std::int32_t count = i32();
    if (count < 0) refuse("a list of negative length");
    for (std::int32_t i = 0; i < count; ++i) element();
  }

  void expect(std::uint8_t got, std::uint8_t wanted) const {
    if (got != wanted) refuse("a field of an unexpected type");
  }
  [[noreturn]] void unknown(const char* name, int id) const {
    refuse(std::string(name) + " has an unknown field " + std::to_string(id));
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

SentTag read_tag(Reader& in) {
  SentTag tag;
  int value_field = 0;
  in.structure("Tag", {1, 2}, [&](int id, std::uint8_t type) {
    if (id > 2) value_field = id;
    switch (id) {
      case 1:
        in.expect(type, kText);
        tag.key = in.text();
        break;
      case 2:
        in.expect(type, kInt32);
        tag.type = static_cast<SentTag::Type>(in.i32());
        break;
      case 3:
        in.expect(type, kText);
        tag.text = in.text();
        break;
      case 4:
        in.expect(type, kDouble);
        tag.floating = in.floating();
        break;
      case 5:
        in.expect(type, kBool);
        tag.boolean = in.boolean();
        break;
      case 6:
        in.expect(type, kInt64);
        tag.integer = in.i64();
        break;
      case 7:
        in.expect(type, kText);
        tag.text = in.text();
        break;
      default:
        in.unknown("Tag", id);
    }
  });
  if (value_field != static_cast<int>(tag.type) + 3)
    in.refuse("tag " + tag.key + " holds another type than it says");
  return tag;
}

SentLog read_log(Reader& in) {
  SentLog log;
  in.structure("Log", {1, 2}, [&](int id, std::uint8_t type) {
    switch (id) {
      case 1:
        in.expect(type, kInt64);
        log.timestamp = in.i64();
        break;
      case 2:
        in.expect(type, kList);
        in.list(kStruct, [&] { log.fields.push_back(read_tag(in)); });
        break;
      default:
        in.unknown("Log", id);
    }
  });
  return log;
}

SentReference read_reference(Reader& in) {
  SentReference reference;
  in.structure("SpanRef", {1, 2, 3, 4}, [&](int id, std::uint8_t type) {
    in.expect(type, id == 1 ? kInt32 : kInt64);
    switch (id) {
      case 1:
        reference.is_child_of = in.i32() == 0;
        break;
      case 2:
        reference.trace_id_low = in.number(8);
        break;
      case 3:
        reference.trace_id_high = in.number(8);
        break;
      case 4:
        reference.span_id = in.number(8);
        break;
      default:
        in.unknown("SpanRef", id);
    }
  });
  return reference;
}

SentSpan read_span(Reader& in) {
  SentSpan span;
  in.structure("Span", {1, 2, 3, 4, 5, 7, 8, 9}, [&](int id, std::uint8_t type) {
    switch (id) {
      case 1:
        in.expect(type, kInt64);
        span.trace_id_low = in.number(8);
        break;
      case 2:
        in.expect(type, kInt64);
        span.trace_id_high = in.number(8);
        break;
      case 3:
        in.expect(type, kInt64);
        span.span_id = in.number(8);
        break;
      case 4:
        in.expect(type, kInt64);
        span.parent_span_id = in.number(8);
        break;
      case 5:
        in.expect(type, kText);
        span.name = in.text();
        break;
      case 6:
        in.expect(type, kList);
        in.list(kStruct, [&] { span.references.push_back(read_reference(in)); });
        break;
      case 7:
        in.expect(type, kInt32);
        span.flags = in.i32();
        break;
      case 8:
        in.expect(type, kInt64);
        span.start = in.i64();
        break;
      case 9:
        in.expect(type, kInt64);
        span.duration = in.i64();
        break;
      case 10:
        in.expect(type, kList);
        in.list(kStruct, [&] { span.tags.push_back(read_tag(in)); });
        break;
      case 11:
        in.expect(type, kList);
        in.list(kStruct, [&] { span.logs.push_back(read_log(in)); });
        break;
      default:
        in.unknown("Span", id);
    }
  });
  return span;
}

void read_process(Reader& in, SentBatch* batch) {
  in.structure("Process", {1}, [&](int id, std::uint8_t type) {
    switch (id) {
      case 1:
        in.expect(type, kText);
        batch->service = in.text();
        break;
      case 2:
        in.expect(type, kList);
        in.list(kStruct, [&] { batch->process_tags.push_back(read_tag(in)); });
        break;
      default:
        in.unknown("Process", id);
    }
  });
}

void read_client_stats(Reader& in) {
  in.structure("ClientStats", {1, 2, 3}, [&](int, std::uint8_t type) {
    in.expect(type, kInt64);
    in.i64();
  });
}

const SentTag* find_tag(const std::vector<SentTag>& tags, std::string_view key) {
  for (const SentTag& tag : tags) {
    if (tag.key == key) return &tag;
  }
  return nullptr;
}

}  // namespace

const SentTag* SentLog::field(std::string_view key) const {
  return find_tag(fields, key);
}
const SentTag* SentSpan::tag(std::string_view key) const {
  return find_tag(tags, key);
}
const SentTag* SentBatch::process_tag(std::string_view key) const {
  return find_tag(process_tags, key);
}

std::size_t SentSpan::count(std::string_view key) const {
  std::size_t n = 0;
  for (const SentTag& tag : tags) n += tag.key == key;
  return n;
}

std::string SentSpan::text(std::string_view key) const {
  const SentTag* found = tag(key);
  return found && found->type == SentTag::Type::text ? found->text : std::string();
}

SentBatch decode_batch(std::string_view body) {
  Reader in(body);
  SentBatch batch;
  in.structure("Batch", {1, 2}, [&](int id, std::uint8_t type) {
    switch (id) {
      case 1:
        in.expect(type, kStruct);
        read_process(in, &batch);
        break;
      case 2:
        in.expect(type, kList);
        in.list(kStruct, [&] { batch.spans.push_back(read_span(in)); });
        break;
      case 3:
        in.expect(type, kInt64);
        in.i64();
        break;
      case 4:
        in.expect(type, kStruct);
        read_client_stats(in);
        break;
      default:
        in.unknown("Batch", id);
    }
  });
  if (!in.at_end()) in.refuse("bytes behind the batch");
  return batch;
}

std::vector<SentSpan> spans_of(const std::vector<Request>& requests) {
  std::vector<SentSpan> spans;
  for (const Request& request : requests) {
    SentBatch batch = decode_batch(request.body);
    spans.insert(spans.end(), std::make_move_iterator(batch.spans.begin()),
                 std::make_move_iterator(batch.spans.end()));
  }
  return spans;
}

std::vector<SentSpan> spans_of(const HttpServer& server) {
  return spans_of(server.requests());
}

bool wait_for_spans(const HttpServer& server, std::size_t count) {
  return server.wait_until(
      [=](const std::vector<Request>& requests) { return spans_of(requests).size() >= count; });
}

SentSpan find_span(const std::vector<SentSpan>& spans, std::string_view name) {
  std::string there;
  for (const SentSpan& span : spans) {
    if (span.name == name) return span;
    there += " " + span.name;
  }
  throw std::runtime_error("no span " + std::string(name) + " among:" + there);
}

}  // namespace support
