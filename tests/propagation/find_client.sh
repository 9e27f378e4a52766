#!/bin/sh
# Prints a Python that has Jaeger's client for it: that of JTRACE_TEST_PYTHON; else one in jtrace's cache, where the client is
# installed at the first time. Exit code 77, and a line that says why, where that cannot be done.
set -eu

has_client() { "$1" -c 'import jaeger_client' 2>/dev/null; }
skip() {
  echo "skipped: $1. JTRACE_TEST_PYTHON may name a Python that has jaeger-client 4.8.0 (and six, which it needs)"
  exit 77
}

if [ -n "${JTRACE_TEST_PYTHON:-}" ]; then
  has_client "$JTRACE_TEST_PYTHON" || skip "$JTRACE_TEST_PYTHON has no jaeger_client"
  echo "$JTRACE_TEST_PYTHON"
  exit
fi
tree=${XDG_CACHE_HOME:-$HOME/.cache}/jtrace/python-client
if ! has_client "$tree/bin/python"; then
  python3 -m venv "$tree" >/dev/null 2>&1 || skip 'python3 has no venv (Debian: python3-venv)'
  "$tree/bin/pip" install --quiet --disable-pip-version-check --retries 0 --timeout 15 jaeger-client==4.8.0 six >/dev/null 2>&1 ||
    skip 'pip could not install jaeger-client 4.8.0'
  has_client "$tree/bin/python" || skip 'jaeger-client 4.8.0 does not run with this Python'
fi
echo "$tree/bin/python"
