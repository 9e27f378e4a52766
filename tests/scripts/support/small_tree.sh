# A tree that looks to the scripts like jtrace's own and builds in a second: the scripts are the real ones, the programs
# are small shell scripts. Sourced after check.sh; makes it in $tree.
# shellcheck shell=sh

tree=$work/tree

# A test of name $1 in suite $2 that prints $3 and ends with exit code $4.
add_test() {
  printf 'test(%s, find_program(%s), args: [%s, %s], suite: %s)\n' \
    "'$1'" "'sh'" "'-c'" "'''printf \"%s\\\\n\" \"$3\"; exit $4'''" "'$2'" >>"$tree/meson.build"
}

make_small_tree() {
  rm -rf "$tree"
  mkdir -p "$tree/tools/jtrace-collector" "$tree/examples" "$tree/docs"
  cp -r "$top/tools/lib" "$top/tools/demo.sh" "$top/tools/test.sh" "$top/tools/fuzz.sh" "$top/tools/chaos.sh" "$tree/tools/"
  cp "$top/meson_options.txt" "$tree/"
  cat >"$tree/meson.build" <<'MESON'
project('small', 'cpp', meson_version: '>=1.0')
subdir('tools/jtrace-collector')
subdir('examples')
MESON
  echo "configure_file(input: 'collector.sh', output: 'jtrace-collector', copy: true)" >"$tree/tools/jtrace-collector/meson.build"
  echo "configure_file(input: 'basic.sh', output: 'basic', copy: true)" >"$tree/examples/meson.build"

  # Says where it listens, takes its ports from --port if given, waits for the example and prints what came.
  cat >"$tree/tools/jtrace-collector/collector.sh" <<SCRIPT
#!/bin/sh
port=14268 query=16686
[ "\${1-}" != --port ] || port=20001 query=20002
if [ -e "$work/ports-are-busy" ] && [ "\$port" = 14268 ]; then echo 'port 14268 is busy' >&2; exit 1; fi
trap 'kill "\$nap"; exit 0' TERM
echo "collector: http://127.0.0.1:\$port/api/traces"
echo "query: http://127.0.0.1:\$query/search"
while [ ! -e "$work/sent" ] || [ -e "$work/collector-is-deaf" ]; do sleep 0.1; done
cat "$work/sent"
sleep 1000 &
nap=\$!
wait
SCRIPT
  # Sends a trace of two spans.
  cat >"$tree/examples/basic.sh" <<SCRIPT
#!/bin/sh
[ ! -e "$work/example-is-broken" ] || { echo 'something is wrong'; exit 7; }
echo "trace 0123456789abcdef0123456789abcdef sent to \$JAEGER_ENDPOINT"
printf '%s\n' 'trace 0123456789abcdef0123456789abcdef' 'basic |======|' '  step   |==|' '' >"$work/sent.new"
mv "$work/sent.new" "$work/sent"
SCRIPT
  chmod +x "$tree/tools/jtrace-collector/collector.sh" "$tree/examples/basic.sh"
}

# A clang++ in $work/bin that is the usual compiler and only says that it can fuzz.
make_clang() {
  mkdir -p "$work/bin"
  cat >"$work/bin/clang++" <<'SCRIPT'
#!/bin/sh
for argument; do
  shift
  [ "$argument" = -fsanitize=fuzzer,address,undefined ] || set -- "$@" "$argument"
done
case $* in '-x c++ '*) cat >/dev/null && exit 0 ;; esac
exec c++ "$@"
SCRIPT
  chmod +x "$work/bin/clang++"
  PATH=$work/bin:$PATH
}
