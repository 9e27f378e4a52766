#!/bin/sh
# tools/demo.sh: what it shows, where it sends, and that it leaves nothing behind.
. "$(dirname "$0")/support/check.sh"
. "$here/support/small_tree.sh"

export TMPDIR="$work/tmp"
mkdir "$TMPDIR"
id=0123456789abcdef0123456789abcdef

demo() {
  rm -f "$work/sent"
  "$tree/tools/demo.sh" --no-install "$@"
}
# No process of the tree and no file beside build/ is left. (The pattern comes from a file, or grep would find itself.)
nothing_is_left() {
  printf '%s/' "$tree" >"$work/pattern"
  [ -z "$(ls -A "$TMPDIR")" ] && ! grep -qaF -f "$work/pattern" /proc/[0-9]*/cmdline 2>/dev/null
}

make_small_tree
check 'a first run shows the trace' demo
printed 'it tells the example where the collector is' 'JAEGER_ENDPOINT=http://127.0.0.1:14268/api/traces build/examples/basic'
printed 'the waterfall is there' '  step   |==|'
printed 'and the address of its page' "http://127.0.0.1:16686/trace/$id"
has_not_printed 'nobody waits for Enter where there is no terminal' Enter
holds 'nothing is left' nothing_is_left

check 'a second run does too' demo
has_not_printed 'without configuring again' Configuring

touch "$work/ports-are-busy"
check 'busy ports do not stop it' demo
printed 'it takes free ones' "http://127.0.0.1:20002/trace/$id"
rm "$work/ports-are-busy"

check 'an endpoint that is set is used' env JAEGER_ENDPOINT=http://user:word@jaeger.test:4444/api/traces "$tree/tools/demo.sh" --no-install
printed 'the trace goes there' 'sent to http://user:word@jaeger.test:4444/api/traces'
printed 'its secret is not shown' 'JAEGER_ENDPOINT=http://***@jaeger.test:4444/api/traces'
printed 'and the link leads into its UI' "http://jaeger.test:16686/trace/$id"
has_not_printed 'no collector is started' 'local collector'
for endpoint in 'jaeger.test' 'jaeger.test:14268' 'https://jaeger.test/x?y=1@2'; do
  check "the endpoint $endpoint" env JAEGER_ENDPOINT="$endpoint" "$tree/tools/demo.sh" --no-install
  printed 'has its UI at the same host' "http://jaeger.test:16686/trace/$id"
done
check 'an endpoint with an IPv6 address' env JAEGER_ENDPOINT='http://[::1]:14268/api/traces' "$tree/tools/demo.sh" --no-install
printed 'keeps its brackets' "http://[::1]:16686/trace/$id"

touch "$work/example-is-broken"
check_code 1 'an example that fails is not hidden' demo
printed 'its words are shown' 'something is wrong'
printed 'and its exit code' 'exit code 7'
holds 'nothing is left after that' nothing_is_left
rm "$work/example-is-broken"

sed -i 's/^patience=.*/patience=1/' "$tree/tools/demo.sh"
touch "$work/collector-is-deaf"
check_code 1 'a trace that does not arrive is given up' demo
printed 'with a hint' 'docs/troubleshooting.md'
holds 'nothing is left after that either' nothing_is_left

# The demo waits for a trace that does not come; a signal ends it and all it started.
sed -i 's/^patience=.*/patience=100/' "$tree/tools/demo.sh"
rm -f "$work/sent" "$work/told"
mkfifo "$work/told"
"$tree/tools/demo.sh" --no-install >"$work/told" 2>&1 </dev/null &
running=$!
exec 4<"$work/told"
until read -r line <&4 && [ -z "${line##*trace*sent to*}" ]; do :; done
kill -TERM "$running"
cat <&4 >"$output"
exec 4<&-
code=0
wait "$running" || code=$?
holds 'a signal ends it' [ "$code" -eq 143 ]
holds 'and everything that it started' nothing_is_left

rm -rf "$tree/build"
echo "error('no compiler will do')" >>"$tree/meson.build"
check_code 1 'a build that fails ends it' demo
printed 'with its log' 'no compiler will do'

if [ "$(id -u)" -ne 0 ]; then
  rm -rf "$tree/build"
  chmod a-w "$tree"
  check_code 1 'a clone that belongs to somebody else ends it' demo
  printed 'with a hint' 'a place of your own'
  chmod u+w "$tree"
fi

finish
