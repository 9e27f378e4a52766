#!/bin/sh
# run.sh PROGRAM NAME CORPUS FOUND SECONDS: fuzzes for so long, from what is in CORPUS and in FOUND/NAME. New inputs of interest
# go into FOUND/NAME; a finding, an input that breaks something, becomes a file of CORPUS. Called by meson and tools/fuzz.sh.
set -eu
program=$1 name=$2 corpus=$3 found=$4/$2 seconds=$5
mkdir -p "$found"
# Not libFuzzer's own exit code of 77, which meson takes for a test that was skipped. A body of 64 KiB that makes somebody allocate 64 MiB at once is a finding.
exec "$program" -max_total_time="$seconds" -error_exitcode=1 -timeout=10 -timeout_exitcode=1 -rss_limit_mb=1024 -malloc_limit_mb=64 -max_len=65536 -print_final_stats=1 \
  -verbosity=1 -artifact_prefix="$corpus/" "$found" "$corpus"
