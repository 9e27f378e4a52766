#!/bin/sh
# tools/chaos.sh: what it asks the suite for, and that schedules that failed are named and fail the run.
. "$(dirname "$0")/support/check.sh"
. "$here/support/small_tree.sh"

run_chaos() { "$tree/tools/chaos.sh" --no-install "$@"; }

make_small_tree
echo "subdir('tests/stress')" >>"$tree/meson.build"
mkdir -p "$tree/tests/stress"
cat >"$tree/tests/stress/meson.build" <<'MESON'
foreach name : ['chaos_test', 'chaos-program']
  custom_target(name, input: 'suite.sh', output: name, command: ['cp', '@INPUT@', '@OUTPUT@'])
endforeach
MESON
# Notes what it is asked for; what $work/broken names has failed.
cat >"$tree/tests/stress/suite.sh" <<SCRIPT
#!/bin/sh
seed=\${JTRACE_TEST_SEED-5}
echo "\$JTRACE_TEST_SCHEDULES from \$seed" >"$work/asked"
echo "JTRACE_TEST_SEED=\$seed"
[ "\$(cat "$work/broken" 2>/dev/null)" != all ] || exit 9
for number in 1 2; do
  if [ "\$(cat "$work/broken" 2>/dev/null)" = "\$seed" ]; then
    echo "\$number/2 FAILED seed \$seed: wild"
    code=1
  else
    echo "\$number/2 ok seed \$seed: mild"
  fi
  seed=\$((seed + 1))
done
exit \${code-0}
SCRIPT
chmod +x "$tree/tests/stress/suite.sh"

for number in '' x 1x -1; do
  check_code 2 "'$number' schedules are a mistake of the caller" run_chaos --schedules "$number"
  printed 'it is named' "--schedules: '$number' is no number"
  check_code 2 "so is the seed '$number'" run_chaos --seed "$number"
done
check_code 2 'so are none' run_chaos --schedules 0
check_code 2 'so is no number at all' run_chaos --seed

check 'without a number' run_chaos
holds 'it is a thousand' [ "$(cat "$work/asked")" = '1000 from 5' ]
check 'two schedules from a seed' run_chaos --schedules 2 --seed 17
holds 'are what is run' [ "$(cat "$work/asked")" = '2 from 17' ]
last_line_is 'and all held' '2 of 2 schedules held, from seed 17 on.'

echo 18 >"$work/broken"
check_code 1 'one that fails fails the run' run_chaos --schedules 2 --seed 17
printed 'it is named' 'These failed: 18'
last_line_is 'and how to repeat it' 'To repeat one: tools/chaos.sh --schedules 1 --seed 18'

echo all >"$work/broken"
check_code 1 'a suite that ends early fails the run' run_chaos --schedules 2
last_line_is 'and that is said' 'chaos.sh: The suite ended before its time; the lines above say why.'

finish
