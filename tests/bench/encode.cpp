// What a span costs the reporter's thread on its way into a batch: from the record that lies in the queue to Thrift's
// binary protocol, beside Thrift's own writer with the same records.
//
// One round encodes some 4,000 records, a batch of about a megabyte, into a buffer that is used again.
#include <cstdio>
#include <cstdlib>

#include "encode/thrift_binary.h"
#include "measures.h"
#include "records.h"
#include "usual_writer.h"

namespace bench {
namespace {

using jtrace::detail::Batch;
using jtrace::detail::RecordView;
using jtrace::detail::Run;
using jtrace::detail::Sampler;
using jtrace::detail::ThriftBinaryEncoder;
using jtrace::detail::TickMap;

constexpr int kRecords = 4000;
constexpr std::size_t kMaxBatch = 2 << 20;

// As it is after a tick: stamps from before are converted by the newest piece, or the one before.
TickMap time_map() {
  TickMap map;
  map.begin({1, 1'700'000'000'000'000'000});
  return map;
}

template <class Round>
void run_rounds(benchmark::State& state, Round&& round) {
  pin_this_thread(Core::reporters);
  run(state, [&] {
    const double before = thread_nanoseconds();
    round();
    return (thread_nanoseconds() - before) / kRecords;
  });
}

void encode(benchmark::State& state, Shape shape) {
  const Records records(shape, kRecords);
  ThriftBinaryEncoder encoder("bench", {{"hostname", "here"}}, Sampler::constant(true), kMaxBatch);
  TickMap time = time_map();
  Batch batch;
  run_rounds(state, [&] {
    encoder.begin(batch);
    for (Run run : records.runs()) {
      if (encoder.append(batch, run, time) != ThriftBinaryEncoder::Result::appended) std::abort();
    }
    encoder.end(batch);
    benchmark::DoNotOptimize(batch.body.data());
  });
}

void encode_child(benchmark::State& state) { encode(state, Shape::child); }
void encode_root(benchmark::State& state) { encode(state, Shape::root); }

usual::wire::Batch usual_batch() {
  usual::wire::Batch batch;
  batch.process.serviceName = "bench";
  batch.spans.reserve(kRecords);
  return batch;
}

// Structs of the batch before go, and those of this one are made: so it is done usually.
void usual_encode(benchmark::State& state) {
  const Records records(Shape::child, kRecords);
  usual::Writer writer;
  TickMap time = time_map();
  usual::wire::Batch batch = usual_batch();
  run_rounds(state, [&] {
    batch.spans.clear();
    for (const char* record : records.all()) usual::fill(batch.spans.emplace_back(), RecordView(record), time);
    benchmark::DoNotOptimize(writer.write(batch).data());
  });
}

// The most that can be made of it: each struct is used again, with the memory of its strings and vectors.
void usual_encode_again(benchmark::State& state) {
  const Records records(Shape::child, kRecords);
  usual::Writer writer;
  TickMap time = time_map();
  usual::wire::Batch batch = usual_batch();
  batch.spans.resize(kRecords);
  run_rounds(state, [&] {
    for (std::size_t i = 0; i < kRecords; ++i) usual::fill_again(batch.spans[i], RecordView(records.all()[i]), time);
    benchmark::DoNotOptimize(writer.write(batch).data());
  });
}

constexpr int kRounds = 20;
BENCHMARK(encode_child)->Iterations(kRounds);
BENCHMARK(encode_root)->Iterations(kRounds);
BENCHMARK(usual_encode)->Iterations(kRounds);
BENCHMARK(usual_encode_again)->Iterations(kRounds);

}  // namespace
}  // namespace bench
