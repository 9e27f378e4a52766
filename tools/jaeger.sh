#!/bin/sh
# Makes both generations of Jaeger from source, so that the tests can send to the real thing: the
# all-in-one of v1.76 and the one binary of v2.13, and the last agent that there was, v1.67's, which
# takes UDP for v1. Go builds them from Jaeger's published Go module; they stay in the user's cache
# directory, where every clone and every test run finds them.
# Runs in any POSIX shell. `tools/jaeger.sh --help` tells the rest.
set -eu

module=github.com/jaegertracing/jaeger
version=1.76.0 # the newest Jaeger that is published as a Go module; it holds v2.13 beside v1.76
agent_version=1.67.0 # the last one with an agent
least_go=1.24.6 # what that module's go.mod asks for
cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/jtrace/jaeger-$version
v1=$cache/jaeger-all-in-one
v2=$cache/jaeger
agent=$cache/jaeger-agent-$agent_version

usage() {
  cat <<USAGE
Usage: tools/jaeger.sh            build Jaeger v1.76 (all-in-one) and v2.13, and v1.67's agent, unless they are there; say where they are
       tools/jaeger.sh --print    print the three paths, one a line, v1, v2, the agent, and build nothing
       tools/jaeger.sh run v1|v2  start one in the foreground, in memory, on loopback; free ports where the usual ones are busy
       tools/jaeger.sh --help     print this

Needs Go $least_go or newer and, the first time, the network. The first build takes some five minutes on two cores.
The programs are kept in $cache
and have Jaeger's APIs but not the pages of its UI, which the Go module does not contain.

Exit codes: 0 done; 1 the build failed; 2 usage; 3 Go is missing or too old.
USAGE
}

say() { printf 'jaeger: %s\n' "$*"; }
complain() { printf 'jaeger: %s\n' "$*" >&2; }

# What to do on a machine that cannot build.
suggest_alternatives() {
  cat >&2 <<ALTERNATIVES
jaeger: Without Go you can still have a Jaeger, with its UI:
jaeger:   - in Docker:  docker run --rm -p 14268:14268 -p 16686:16686 jaegertracing/jaeger:latest
jaeger:   - as a file:  unpack a release of https://github.com/jaegertracing/jaeger/releases and start its program "jaeger"
jaeger: For the tests, name such programs:  JTRACE_TEST_JAEGER=/path/to/jaeger:/path/to/jaeger-agent tools/test.sh
ALTERNATIVES
}

# Is version $1 (1.26.8) at least $2 (1.24.6)? A missing part counts as 0, a suffix (rc1) is ignored.
version_at_least() {
  printf '%s\n%s\n' "$1" "$2" | awk -F'[.]' '
    NR == 1 { for (i = 1; i <= 3; i++) have[i] = $i + 0 }
    NR == 2 { for (i = 1; i <= 3; i++) if (have[i] != $i + 0) exit !(have[i] > $i + 0) }'
}

require_go() {
  if ! command -v go >/dev/null 2>&1; then
    complain "Go is not installed; building Jaeger needs Go $least_go or newer."
    suggest_alternatives
    exit 3
  fi
  found=$(go env GOVERSION | sed 's/^go//')
  if ! version_at_least "$found" "$least_go"; then
    complain "Go $found is too old; building Jaeger needs Go $least_go or newer."
    suggest_alternatives
    exit 3
  fi
}

# A scratch module that requires version $1 of Jaeger, pinned by the checksums that Jaeger itself publishes.
make_scratch_module() {
  mkdir "$scratch/module-$1"
  cd "$scratch/module-$1"
  cat >go.mod <<GOMOD
module jtrace.example/jaeger

go $least_go

require $module v$1

replace github.com/Shopify/sarama => github.com/Shopify/sarama v1.33.0
GOMOD
  source=$(go mod download -json "$module@v$1" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",*$/\1/p')
  if [ -z "$source" ]; then
    complain "Go could not fetch $module v$1 (is there a network?)."
    exit 1
  fi
  cp "$source/go.sum" go.sum
  chmod u+w go.sum
}

# Builds command $1 of the module that was made last to $2, and lets it know its version $3, which has stood in two
# places. It has a temporary name until it is whole, so that no half program is ever found there.
build() {
  say "building $2 (some minutes)"
  if ! CGO_ENABLED=0 go build -mod=mod -trimpath \
    -ldflags="-s -w -X $module/internal/version.latestVersion=$3 -X $module/pkg/version.latestVersion=$3" \
    -o "$scratch/program" "$module/cmd/$1" 2>"$scratch/log"; then
    tail -n 40 "$scratch/log" >&2
    complain "building $module/cmd/$1 $3 failed; the lines above are Go's last."
    exit 1
  fi
  mv -f "$scratch/program" "$2"
}

both_are_there() { [ -x "$v1" ] && [ -x "$v2" ]; }

build_jaegers() {
  if both_are_there; then return; fi
  make_scratch_module "$version"
  [ -x "$v1" ] || build all-in-one "$v1" v1.76.0
  [ -x "$v2" ] || build jaeger "$v2" v2.13.0
}

build_agent() {
  if [ -x "$agent" ]; then return; fi
  make_scratch_module "$agent_version"
  build agent "$agent" "v$agent_version"
}

build_what_is_missing() {
  if both_are_there && [ -x "$agent" ]; then return; fi
  require_go
  mkdir -p "$cache"
  scratch=$(mktemp -d "$cache/building.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  build_jaegers
  build_agent
}

# Prints port $1 if nobody listens on it, else a free one; never one that was given out as $2. Reads the kernel's
# tables, since a bare machine has no better tool; another program may still take the port before Jaeger does.
free_port() {
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v wanted="$1" -v taken="${2:-0}" -v seed="$$" '
    $4 == "0A" { n = split($2, part, ":"); busy[part[n]] = 1 } # 0A is LISTEN; the port is in hexadecimal
    function is_free(port) { return port != taken && !(sprintf("%04X", port) in busy) }
    END {
      port = wanted
      for (step = 0; !is_free(port); step++) port = 20000 + (seed + step) % 10000
      print port
    }'
}

run_v1() {
  exec "$v1" --log-level=warn --admin.http.host-port=127.0.0.1:0 --collector.otlp.enabled=false \
    --collector.grpc-server.host-port=127.0.0.1:0 --query.grpc-server.host-port=127.0.0.1:0 \
    --collector.http-server.host-port="127.0.0.1:$collector_port" --query.http-server.host-port="127.0.0.1:$query_port"
}

run_v2() {
  exec "$v2" --config "yaml:
service:
  extensions: [jaeger_storage, jaeger_query]
  pipelines:
    traces: {receivers: [jaeger], exporters: [jaeger_storage_exporter]}
  telemetry:
    metrics: {level: none}
    logs: {level: warn}
extensions:
  jaeger_storage: {backends: {memory: {memory: {max_traces: 100000}}}}
  jaeger_query:
    storage: {traces: memory}
    http: {endpoint: '127.0.0.1:$query_port'}
    grpc: {endpoint: '127.0.0.1:0'}
receivers:
  jaeger: {protocols: {thrift_http: {endpoint: '127.0.0.1:$collector_port'}}}
exporters:
  jaeger_storage_exporter: {trace_storage: memory}
"
}

# Starts generation $1 in this process's place, so that Ctrl-C or a signal ends it.
run() {
  if ! both_are_there; then build_what_is_missing; fi
  if [ -n "${scratch-}" ]; then rm -rf "$scratch"; fi # exec leaves no shell behind to do it at exit
  collector_port=$(free_port 14268)
  query_port=$(free_port 16686 "$collector_port")
  say "collector: http://127.0.0.1:$collector_port/api/traces"
  say "query: http://127.0.0.1:$query_port/api/v3/services"
  export OTEL_TRACES_SAMPLER=always_off # else Jaeger traces itself and waits ten seconds for its own collector at exit
  "run_$1"
}

case ${1-} in
  '')
    build_what_is_missing
    say "v1.76 is $v1"
    say "v2.13 is $v2"
    say "v1.67's agent is $agent"
    ;;
  run)
    case ${2-} in
      v1 | v2) run "$2" ;;
      *)
        usage >&2
        exit 2
        ;;
    esac
    ;;
  --print) printf '%s\n%s\n%s\n' "$v1" "$v2" "$agent" ;;
  --help | -h) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
