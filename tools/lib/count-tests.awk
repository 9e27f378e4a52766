# Counts the tests of one or more runs of `meson test`. Input: Meson's testlog.json files, one JSON object per test and
# line. Prints each failed test as "failed: FILE: NAME", then "PASSED FAILED SKIPPED".
#
# A doctest binary counts with its test cases, as its last summary says:
#     [doctest] test cases: 12 | 11 passed | 1 failed | 0 skipped
# Any other test counts as one, by Meson's verdict. A binary that Meson calls failed although its summary is missing or
# knows of no failure (it crashed, timed out, or a sanitizer spoke up at exit) counts as one more failed.

# The text after the first match of `pattern` in `line`, or "".
function text_after(line, pattern) {
  return match(line, pattern) ? substr(line, RSTART + RLENGTH) : ""
}

# The number before " word" in a summary such as "12 | 11 passed | 1 failed"; 0 if the word is not there.
function number_before(summary, word,    part) {
  if (!match(summary, "[0-9]+ " word)) return 0
  split(substr(summary, RSTART, RLENGTH), part, " ")
  return part[1] + 0
}

# The last summary of a test's output, up to the end of its line (in JSON, a backslash and an n).
function last_summary(line,    rest, summary) {
  rest = line
  summary = ""
  while ((rest = text_after(rest, "\\[doctest\\] test cases: *")) != "") {
    summary = rest
    sub(/\\.*/, "", summary)
    sub(/".*/, "", summary)
  }
  return summary
}

# Quotes inside a JSON string are escaped, so these keys are found only as keys.
{
  name = text_after($0, "\"name\": \"")
  sub(/".*/, "", name)
  verdict = text_after($0, ", \"result\": \"")
  sub(/".*/, "", verdict)
  summary = last_summary($0)

  if (verdict == "SKIP") { skipped++; next }
  good = (verdict == "OK" || verdict == "EXPECTEDFAIL")
  if (summary == "") {
    if (good) passed++; else failed++
  } else {
    passed += number_before(summary, "passed")
    skipped += number_before(summary, "skipped")
    known = number_before(summary, "failed")
    failed += known
    if (!good && known == 0) failed++
    if (known > 0) good = 0
  }
  if (!good) print "failed: " FILENAME ": " name
}

END { print passed + 0, failed + 0, skipped + 0 }
