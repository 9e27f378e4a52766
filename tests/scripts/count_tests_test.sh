#!/bin/sh
# tools/lib/count-tests.awk: the sum over Meson's logs, on recorded ones.
. "$(dirname "$0")/support/check.sh"
cd "$here/samples" || exit 1

count() { awk -f "$top/tools/lib/count-tests.awk" "$@"; }

check 'a log where all is well is counted' count all-well.json
last_line_is 'by test cases, not by programs' '12 0 2'
holds 'nothing is called failed' [ "$(wc -l <"$output")" -eq 1 ]

# passed: 12 + 7 + 3 (the leak's) + 1 (a script) + 1 (an expected failure) = 24
# failed: 2 + 1 (crash) + 1 (leak) + 1 (time-out) + 1 (unexpected success) = 6
# skipped: 2 + 1 (no Jaeger) = 3
check 'a log with one of each kind is counted' count all-kinds.json
last_line_is 'crashes, leaks and time-outs are failures' '24 6 3'
printed 'a failed program is named' 'failed: all-kinds.json: jtrace:unit / queue'
printed 'a crashed one too' 'failed: all-kinds.json: jtrace:unit / crash before the summary'
printed 'and one that failed after its summary' 'failed: all-kinds.json: jtrace:e2e / leak found after the summary'
has_not_printed 'what was skipped is not' 'no Jaeger'
has_not_printed 'what only speaks of failures is not' 'speaks of results'

check 'several logs are summed up' count all-well.json all-kinds.json all-well.json
last_line_is 'over all of them' '48 6 7'

finish
