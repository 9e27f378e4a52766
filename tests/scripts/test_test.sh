#!/bin/sh
# tools/test.sh: its last line, its exit code, and that nothing which fails goes unseen.
. "$(dirname "$0")/support/check.sh"
. "$here/support/small_tree.sh"

run_tests() { "$tree/tools/test.sh" --no-install "$@"; }

make_clang
make_small_tree
cat >>"$tree/meson.build" <<'MESON'
if get_option('fuzzing').enabled()
  test('fuzz tags', find_program('true'), suite: 'fuzz')
  run_target('fuzz', command: 'true')
endif
MESON
add_test ids unit '[doctest] test cases: 5 | 5 passed | 0 failed | 1 skipped' 0
add_test whole e2e '[doctest] test cases: 2 | 2 passed | 0 failed | 0 skipped' 0
add_test shell scripts 'fine' 0
add_test real jaeger 'no Jaeger here' 77

check 'a quick run in which all is well' run_tests --quick
last_line_is 'ends with the sum' '8 passed, 0 failed, 2 skipped'
holds 'makes no sanitizer build' [ ! -e "$tree/build-asan" ]

check 'one suite' run_tests --quick --suite unit
last_line_is 'is counted by itself' '5 passed, 0 failed, 1 skipped'
check 'two suites' run_tests --quick --suite unit --suite scripts
last_line_is 'are counted together' '6 passed, 0 failed, 1 skipped'
add_test package long 'it took hours' 0
check 'a run that may take long' run_tests --quick --long
last_line_is 'has the suite long, too' '9 passed, 0 failed, 2 skipped'
check 'who asks for that suite' run_tests --quick --suite long
last_line_is 'gets it' '1 passed, 0 failed, 0 skipped'
check_code 2 'a suite that does not exist is a mistake of the caller' run_tests --quick --suite uint
check_code 2 'so is a suite without a name' run_tests --suite

check 'a whole run' run_tests
# 8 and 2 as above; under each sanitizer unit and e2e: 7 passed, 1 skipped; one fuzz target
last_line_is 'sums up all four builds' '23 passed, 0 failed, 4 skipped'
check 'the fuzz targets alone' run_tests --suite fuzz
last_line_is 'are counted' '1 passed, 0 failed, 0 skipped'
check 'another suite alone' run_tests --suite unit
has_not_printed 'does not fuzz' 'Fuzzing'

add_test queue unit 'CHECK( 1 == 2 ) is wrong; [doctest] test cases: 4 | 3 passed | 1 failed | 0 skipped' 1
check_code 1 'a test that fails fails the run' run_tests --quick
last_line_is 'and is counted' '11 passed, 1 failed, 2 skipped'
printed 'its output is shown' 'CHECK( 1 == 2 ) is wrong'
printed 'and its name at the end' 'failed: build-test: small:unit / queue'

echo "run_command('false', check: true)" >>"$tree/meson.build"
rm -rf "$tree/build-test"
check_code 1 'a build that fails fails the run' run_tests --quick
last_line_is 'and is counted as one' '0 passed, 1 failed, 0 skipped'
printed 'its log is shown' 'ERROR: Command'
printed 'and its name' 'failed: build-test: it could not be built'

finish
