#!/bin/sh
# tools/fuzz.sh: what it is asked for, and that a finding is named and fails the run.
. "$(dirname "$0")/support/check.sh"
. "$here/support/small_tree.sh"

run_fuzz() { "$tree/tools/fuzz.sh" --no-install "$@"; }

make_clang
make_small_tree
echo "run_target('fuzz', command: 'true')" >>"$tree/meson.build"
mkdir -p "$tree/tests/fuzz/corpus/tags" "$tree/tests/fuzz/corpus/thrift"
# Notes what it is asked for, and finds something in what $work/broken names.
cat >"$tree/tests/fuzz/run.sh" <<SCRIPT
#!/bin/sh
echo "\$2 \$5" >>"$work/asked"
[ "\$(cat "$work/broken" 2>/dev/null)" = "\$2" ] || exit 0
echo x >"\$3/crash-1"
exit 1
SCRIPT
chmod +x "$tree/tests/fuzz/run.sh"

check_code 2 'a target that does not exist is a mistake of the caller' run_fuzz tegs
printed 'it is named, beside those that exist' "'tegs' is no target; there are: answers carriers endpoint"
for time in '' 5 0s 5d -5s s 1.5h; do
  check_code 2 "so is the time '$time'" run_fuzz --time "$time"
  printed 'it is named' "--time: '$time' is no time"
done
check_code 2 'so is no time at all' run_fuzz --time

check 'two targets for two minutes' run_fuzz tags thrift --time 2m
holds 'are what is run' [ "$(cat "$work/asked")" = "$(printf 'tags 120\nthrift 120')" ]
last_line_is 'and nothing is found' 'Nothing was found.'

rm "$work/asked"
check 'no target' run_fuzz
holds 'means all, an hour each' [ "$(grep -c ' 3600$' "$work/asked")" -eq 13 ]

echo tags >"$work/broken"
check_code 1 'a finding fails the run' run_fuzz tags thrift --time 1s
printed 'its target is named' 'Something was found in: tags.'
last_line_is 'and its file' 'tests/fuzz/corpus/tags/crash-1'

finish
