#!/bin/sh
# Every script is plain POSIX sh, can be started, and explains itself.
. "$(dirname "$0")/support/check.sh"
cd "$top" || exit 1

# On a bare machine /bin/sh is dash; where it is not here, the shell that is has a look.
shell=$(command -v dash || echo sh)
for script in tools/*.sh tools/cross/*.sh tools/lib/*.sh .ci/run tests/scripts/*.sh tests/scripts/support/*.sh tests/packaging/*.sh tests/fuzz/run.sh; do
  case $(head -n 1 "$script") in
    *bash*) continue ;;
  esac
  check "$script is understood by a POSIX shell" "$shell" -n "$script"
done

for script in tools/demo.sh tools/test.sh tools/jaeger.sh tools/bench.sh tools/debian.sh tools/fuzz.sh tools/chaos.sh tools/cross/machine.sh .ci/run; do
  check "$script is executable" test -x "$script"
done

for script in demo test jaeger bench debian fuzz chaos cross/machine; do
  check "$script.sh --help ends well" "tools/$script.sh" --help
  printed "$script.sh --help shows the usage" "Usage: tools/$script.sh"
  printed "$script.sh --help lists the exit codes" 'Exit codes: 0'
  check_code 2 "$script.sh refuses an option that it does not know" "tools/$script.sh" --no-such-option
done

finish
