#!/bin/sh
# The man page and the completions of a tool: each says what the tool's --help says, and its shell understands it.
#   help_files_test.sh TOOL FOLDER     FOLDER: where the build put them
. "$(dirname "$0")/../scripts/support/check.sh"

tool=$1 folder=$2
name=$(basename "$tool")
page=$folder/$name.1

check 'the tool tells its options' "$tool" --help
options=$("$tool" --help | sed -n 's/^  .\{4\}--\([a-z][a-z0-9-]*\).*/\1/p')
shorts=$("$tool" --help | sed -n 's/^  -\([A-Za-z]\), --.*/\1/p')
holds 'the help has options' [ -n "$options" ]
lines=$("$tool" --help | grep -cE '^ {1,12}(-., )?--[a-z]')
holds "each of its $lines lines with an option is seen" [ "$lines" -eq "$(echo "$options" | wc -l)" ]

has() { grep -qF -e "$2" "$1"; }
for option in $options; do
  holds "the man page tells of --$option" has "$page" "\\-\\-$(echo "$option" | sed 's/-/\\-/g')\\fR"
  holds "bash completes --$option" grep -qE -e "[\" ]--$option[\" ]" "$folder/$name"
  holds "zsh completes --$option" has "$folder/_$name" "--$option["
  holds "fish completes --$option" has "$folder/$name.fish" "-l $option "
done
for option in $shorts; do
  holds "bash completes -$option" grep -qE -e "[\" ]-$option[\" ]" "$folder/$name"
  holds "zsh completes -$option" has "$folder/_$name" "-$option["
  holds "fish completes -$option" has "$folder/$name.fish" "-s $option "
done
"$tool" --help | tail -n 3 | while IFS= read -r line; do
  plain=$(printf '%s' "$line" | sed 's/^  //')
  man_text=$(sed 's/\\-/-/g; s/\\(aq/'"'"'/g; s/\\(ga/`/g; s/\\e/\\/g' "$page")
  case $man_text in *"$plain"*) ;; *) exit 1 ;; esac
done
report $? "the man page ends with the help's last lines" ''

# understands SHELL FILE: where that shell is here
understands() {
  if command -v "$1" >/dev/null 2>&1; then
    check "$1 understands its file" "$1" -n "$2"
  else
    echo "$1 is not installed (Debian: $1), so it is not asked about its file."
  fi
}
understands bash "$folder/$name"
understands zsh "$folder/_$name"
understands fish "$folder/$name.fish"
if command -v bash >/dev/null 2>&1; then
  first=$(echo "$options" | head -n 1)
  # shellcheck disable=SC2016 # bash expands it
  check 'bash completes a beginning of an option' bash -c \
    'source "$1"; COMP_WORDS=("$2" "$3"); COMP_CWORD=1; "_${2//-/_}"; echo "${COMPREPLY[@]}"' - "$folder/$name" "$name" "--$(echo "$first" | cut -c 1-2)"
  printed 'to the whole of it' "--$first"
fi
if command -v groff >/dev/null 2>&1; then
  check 'groff formats the page' groff -man -ww -z "$page"
  holds 'and has nothing to warn about' [ ! -s "$output" ]
else
  echo 'groff is not installed (Debian: groff-base), so it is not asked about the man page.'
fi
finish
