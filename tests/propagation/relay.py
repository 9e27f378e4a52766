"""A service in between, traced by Jaeger's own client for Python: takes the headers of a request, starts a span below
them, and prints the headers of its own request, "name: value" a line. Exit code 77: there is no such client here.

  relay.py jaeger|b3 "NAME: VALUE"…     by the client's own codec, or its codec for B3
"""
import sys

try:
    from jaeger_client import ConstSampler, Tracer
    from jaeger_client.codecs import B3Codec
    from jaeger_client.reporter import NullReporter
    from opentracing.propagation import Format
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(77)

codecs = {Format.HTTP_HEADERS: B3Codec(generate_128bit_trace_id=True)} if sys.argv[1] == "b3" else None
tracer = Tracer("relay", NullReporter(), ConstSampler(True), extra_codecs=codecs, generate_128bit_trace_id=True)
incoming = dict(header.split(": ", 1) for header in sys.argv[2:])
parent = tracer.extract(Format.HTTP_HEADERS, incoming)
with tracer.start_span("relay", child_of=parent) as span:
    outgoing = {}
    tracer.inject(span.context, Format.HTTP_HEADERS, outgoing)
for name, value in outgoing.items():
    print(f"{name}: {value}")
