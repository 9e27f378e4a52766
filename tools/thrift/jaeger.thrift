# What a Jaeger client sends: one Batch, which is a process and the spans it finished.
#
# These are Jaeger's own structs. Field ids and types are fixed by the protocol; changing one breaks every
# peer. Over HTTP a Batch travels alone, as a struct in Thrift's binary protocol, without a message around
# it; over UDP it is the argument of `Agent.emitBatch`.

namespace cpp jaeger.thrift

# Names the one value field of a Tag that counts; readers ignore the others.
enum TagType { STRING = 0, DOUBLE = 1, BOOL = 2, LONG = 3, BINARY = 4 }

# A key and a typed value: of a span, of a process, or as a field of a log.
struct Tag {
  1: required string key
  2: required TagType vType
  3: optional string vStr
  4: optional double vDouble
  5: optional bool vBool
  6: optional i64 vLong
  7: optional binary vBinary
}

# Something that happened during a span. The time is absolute: microseconds since the Unix epoch.
struct Log {
  1: required i64 timestamp
  2: required list<Tag> fields
}

enum SpanRefType { CHILD_OF = 0, FOLLOWS_FROM = 1 }

# Another span, perhaps of another trace, and how this one relates to it.
struct SpanRef {
  1: required SpanRefType refType
  2: required i64 traceIdLow
  3: required i64 traceIdHigh
  4: required i64 spanId
}

# One piece of work. Ids are unsigned numbers that travel with their bits unchanged in an i64; a trace id of
# 64 bits has a high half of 0, a span without a parent has a parentSpanId of 0.
struct Span {
  1: required i64 traceIdLow
  2: required i64 traceIdHigh
  3: required i64 spanId
  4: required i64 parentSpanId
  5: required string operationName
  6: optional list<SpanRef> references
  7: required i32 flags        # bit 0: sampled, bit 1: debug
  8: required i64 startTime    # microseconds since the Unix epoch
  9: required i64 duration     # microseconds
  10: optional list<Tag> tags
  11: optional list<Log> logs
}

# Who sends: a service and where it runs.
struct Process {
  1: required string serviceName
  2: optional list<Tag> tags
}

# What a client lost so far; totals since it started.
struct ClientStats {
  1: required i64 fullQueueDroppedSpans
  2: required i64 tooLargeDroppedSpans
  3: required i64 failedToEmitSpans
}

# The content of one POST.
struct Batch {
  1: required Process process
  2: required list<Span> spans
  3: optional i64 seqNo
  4: optional ClientStats stats
}

# One answer per batch of submitBatches.
struct BatchSubmitResponse {
  1: required bool ok
}

# A collector asked by remote procedure call.
service Collector {
  list<BatchSubmitResponse> submitBatches(1: list<Batch> batches)
}

# An agent listening on UDP.
service Agent {
  oneway void emitBatch(1: Batch batch)
}
