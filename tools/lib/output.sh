# How the scripts of this directory speak: short lines to the terminal, long logs to a file that is shown only on
# failure. Sourced, not run; POSIX sh. `program` (the script's name) is set by whoever sources this.
# shellcheck shell=sh

# Colours only where somebody looks at them.
if [ -t 1 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM-dumb}" != dumb ]; then
  bold=$(printf '\033[1m') dim=$(printf '\033[2m') plain=$(printf '\033[0m')
else
  bold='' dim='' plain=''
fi

say() { printf '%s\n' "$*"; }
headline() { printf '%s%s%s\n' "$bold" "$*" "$plain"; }
complain() { printf '%s: %s\n' "${program:-jtrace}" "$*" >&2; }

# fail CODE WORDS... says why and ends the script.
fail() {
  failure=$1
  shift
  complain "$*"
  exit "$failure"
}

now() { date +%s; }

# run_quietly WORDS LOG COMMAND...: says WORDS while COMMAND runs with its output in LOG, then how long it took. On a
# terminal the last line of LOG stands beside, as a sign of life. If COMMAND fails, shows LOG's end and returns its exit
# code. COMMAND runs in the background, and `busy` holds its process id meanwhile, so that a signal's trap can end it.
run_quietly() {
  quiet_words=$1 quiet_log=$2 quiet_since=$(now)
  shift 2
  printf '%s ...' "$quiet_words"
  "$@" >"$quiet_log" 2>&1 </dev/null &
  busy=$!
  if [ -t 1 ]; then
    while sleep 0.3 && kill -0 "$busy" 2>/dev/null; do
      printf '\r\033[K%s ... %s%s%s' "$quiet_words" "$dim" "$(tail -n 1 "$quiet_log" | tr -cd '[:print:]' | cut -c 1-50)" "$plain"
    done
    printf '\r\033[K%s ...' "$quiet_words"
  fi
  quiet_result=0
  wait "$busy" || quiet_result=$?
  busy=''
  if [ "$quiet_result" -eq 0 ]; then
    printf ' done (%s s)\n' "$(($(now) - quiet_since))"
  else
    printf ' failed\n'
    tail -n 80 "$quiet_log" >&2
  fi
  return "$quiet_result"
}
