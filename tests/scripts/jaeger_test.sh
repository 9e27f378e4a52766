#!/bin/sh
# tools/jaeger.sh: where it keeps its programs, and what it says on a machine that cannot build them.
. "$(dirname "$0")/support/check.sh"

export XDG_CACHE_HOME="$work/cache"
programs=$XDG_CACHE_HOME/jtrace/jaeger-1.76.0

# A PATH with the few commands of a bare machine, and a Go that says its version and refuses to do more.
bare=$work/bin
mkdir -p "$bare"
for command in sh awk cat mkdir mktemp rm sed tail; do
  ln -s "$(command -v "$command")" "$bare/$command"
done
go_says() {
  printf '#!/bin/sh\n[ "$1" = env ] && echo go%s\n' "$1" >"$bare/go"
  chmod +x "$bare/go"
}
jaeger() { PATH=$bare sh "$top/tools/jaeger.sh" "$@"; }

check '--print needs nothing' jaeger --print
holds '--print names all programs, v1 first' [ "$(cat "$output")" = "$programs/jaeger-all-in-one
$programs/jaeger
$programs/jaeger-agent-1.67.0" ]

check_code 3 'without Go it stops' jaeger
printed 'it says so' 'Go is not installed'
printed 'and what to do instead' 'docker run'

go_says 1.24.5
check_code 3 'a Go that is too old stops it' jaeger
printed 'it names the version found' 'Go 1.24.5 is too old'
go_says 1.9
check_code 3 'versions are compared by number' jaeger
go_says 1.25rc1
check_code 1 'a newer Go may try, and a failure is told' jaeger
printed 'by what Go could not do' 'could not fetch'
holds 'a failed build leaves nothing behind' [ -z "$(ls -A "$programs")" ]

for program in jaeger-all-in-one jaeger jaeger-agent-1.67.0; do
  printf '#!/bin/sh\nprintf "%%s\\n" "I am %s" "$@"\n' "$program" >"$programs/$program"
  chmod +x "$programs/$program"
done
rm "$programs/jaeger-agent-1.67.0"
check_code 1 'what is missing is built, and only that' jaeger
printed 'by the version that had it' 'could not fetch github.com/jaegertracing/jaeger v1.67.0'
touch "$programs/jaeger-agent-1.67.0"
chmod +x "$programs/jaeger-agent-1.67.0"
rm "$bare/go"
check 'programs that are there are found without Go' jaeger
printed 'and named' "v2.13 is $programs/jaeger"
printed 'the agent too' "v1.67's agent is $programs/jaeger-agent-1.67.0"

check 'run v1 starts the all-in-one' jaeger run v1
printed 'that one' 'I am jaeger-all-in-one'
printed 'and says where spans go' 'collector: http://127.0.0.1:'
check 'run v2 starts the other' jaeger run v2
printed 'with its own configuration' 'thrift_http'
check_code 2 'run wants to know which' jaeger run

finish
