# Our headers as Doxygen wants to read them. Their comments are plain ones, for those who read code:
#
#   // Span: work in progress.      at the top of a file introduces it, and the classes that it names before the colon;
#   // What it promises.            above a declaration describes it;
#   bool done;  // is it over?      behind one as well.
#
# Comments in the bodies of functions, which stand further in, are left alone. Lines of a comment that are set further in than the
# text around them are code. The inline namespace is the library's own affair.

# A line of a comment as Markdown, behind `///`.
function documented(line,    indent, text, is_code, gap) {
  indent = line
  sub(/\/\/.*/, "", indent)
  text = line
  sub(/^ *\/\/ ?/, "", text)
  is_code = text ~ /^  +[^ ]/
  gap = is_code && !was_code ? indent "///\n" : ""
  was_code = is_code
  if (is_code) return gap indent "///     " text
  gsub(/[\\<>#@&%]/, "\\\\&", text)
  return indent "/// " text
}

# Does the introduction of this file name the class that begins here?
function is_introduced(line,    name) {
  name = line
  if (!sub(/^(class|struct) (\[\[[a-z]+\]\] |JTRACE_API )*/, "", name) || line !~ /\{/) return 0
  sub(/[ :;].*/, "", name)
  return index(" " subject " ", " " name " ")
}

# Comments and heads of templates wait for what they belong to. What is followed by an empty line or by a line for the
# preprocessor describes nothing.
function release(next_line,    i, describes) {
  describes = next_line !~ /^ *(#|$)/
  if (is_introduced(next_line) && !has_comment) printf "%s", introduction
  was_code = 0
  for (i = 1; i <= held; ++i) print describes && waiting[i] ~ /^ *\/\// ? documented(waiting[i]) : waiting[i]
  held = has_comment = 0
}

FNR == 1 {
  print "/// \\file"
  introduction = ""
  subject = $0
  sub(/^\/\/ /, "", subject)
  sub(/:.*/, "", subject)
  gsub(/,/, " ", subject)
  is_introduction = 1
}
is_introduction && /^\/\// {
  introduction = introduction documented($0) "\n"
  next
}
is_introduction {
  is_introduction = 0
  printf "%s", introduction
}
/^(  )?\/\/( |$)/ {
  waiting[++held] = $0
  has_comment = 1
  next
}
/^template / {
  waiting[++held] = $0
  next
}
{
  release($0)
  sub(/^namespace jtrace::inline v1/, "namespace jtrace")
}
/^  struct .*\{/ { is_nested = 1 }
/^  \}/ { is_nested = 0 }
(/^(  )?[^ \/#]/ || is_nested) && match($0, /[;,{}] +\/\/ [^\/]*$/) {
  behind = substr($0, RSTART + 1)
  sub(/^ +\/\/ /, "", behind)
  line = substr($0, 1, RSTART)
  print line ~ /\{$/ ? "/// " behind "\n" line : line "  ///< " behind
  next
}
{ print }
