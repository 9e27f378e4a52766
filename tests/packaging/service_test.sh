#!/bin/sh
# The collector's systemd unit: understood by systemd, hardened, and its command is one that the collector takes.
#   service_test.sh UNIT COLLECTOR
. "$(dirname "$0")/../scripts/support/check.sh"

unit=$work/jtrace-collector.service
collector=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
# systemd wants the program to be there.
sed "s|^ExecStart=[^ ]*|ExecStart=$collector|; /^Documentation=/d" "$1" >"$unit"

# shellcheck disable=SC2046 # a list of words
arguments=$(sed -n 's/^ExecStart=[^ ]* *//p' "$1" | sed 's/\$JTRACE_COLLECTOR_OPTIONS//')
# shellcheck disable=SC2086 # a list of words
check 'the collector takes its arguments' "$collector" $arguments --version
if command -v systemd-analyze >/dev/null 2>&1; then
  check 'systemd understands the unit' systemd-analyze verify --man=no "$unit"
  holds 'and has nothing to say' [ ! -s "$output" ]
  if systemd-analyze security --help 2>/dev/null | grep -q -e --offline; then
    check 'systemd finds it well locked up' systemd-analyze security --offline=true --threshold=20 --no-pager "$unit"
  fi
else
  echo 'systemd-analyze is not installed (Debian: systemd), so it is not asked.'
fi
finish
