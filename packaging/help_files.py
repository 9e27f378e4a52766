"""Man pages and completions of a tool, made from its --help, so that they cannot say anything else.

  help_files.py man|bash|zsh|fish VERSION PROGRAM     prints the file for PROGRAM, which is run with --help

It reads what cxxopts prints: a line or more about the program, "Usage:" and a line, the options with their values and
descriptions in columns, then free text. In a man page, free text that is indented stays as it is: it is a drawing or a
command.
"""
import dataclasses
import os
import re
import subprocess
import sys

GROUP = re.compile(r" \S.* options:$")  # the headline of further options
OPTION = re.compile(r"  (?:-(?P<short>\w), |    )--(?P<long>[\w-]+)(?P<value>(?: \S+)?)(?:  +(?P<text>\S.*))?$")
# What can be offered for a value, by the name that the help gives it; nothing for all others.
CHOICES = {"WHEN": ["auto", "always", "never"]}


@dataclasses.dataclass
class Option:
    long: str
    short: str    # without its dash, or empty
    value: str    # as in the help: FILE, [URL], or empty
    text: str

    def names(self):
        return [f"-{self.short}"] * bool(self.short) + [f"--{self.long}"]

    def needs_value(self):
        return bool(self.value) and not self.value.startswith("[")


@dataclasses.dataclass
class Help:
    program: str
    about: str
    usage: str
    options: list
    rest: list  # lines


def read_options(lines):
    """The options at the beginning of lines, and what comes behind them."""
    options = []
    while lines and lines[0].strip():
        line = lines.pop(0)
        found = OPTION.match(line)
        if found:
            options.append(Option(found["long"], found["short"] or "", found["value"].strip(), (found["text"] or "").strip()))
        elif options and line.startswith(" " * 8):
            options[-1].text = f"{options[-1].text} {line.strip()}".strip()
        else:
            raise ValueError(f"this line of --help is neither an option nor goes on with one: {line!r}")
    return options, lines


def read_help(program):
    said = subprocess.run([program, "--help"], capture_output=True, text=True, check=True, env=dict(os.environ, LC_ALL="C.UTF-8"))
    lines = [line.rstrip() for line in said.stdout.splitlines()]
    if "Usage:" not in lines:
        raise ValueError("--help has no line 'Usage:'")
    at = lines.index("Usage:")
    usage = lines[at + 1].strip()
    after = lines[at + 2:]
    while after and not after[0]:
        after.pop(0)
    options, rest = read_options(after)
    while len(rest) > 1 and not rest[0] and GROUP.match(rest[1]):
        more, rest = read_options(rest[2:])
        options += more
    if not options:
        raise ValueError("--help has no options")
    for option in options:  # an empty default says nothing
        option.text = option.text.replace(' (default: "")', "")
    return Help(os.path.basename(program), " ".join(lines[:at]).strip(), usage, options, rest)


def roff(text):
    """A text, safe from roff: its backslashes, dashes and quotes mean themselves."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    text = "".join(c if c.isascii() else f"\\[u{ord(c):04X}]" for c in text)
    return re.sub(r"^\.", "\\&.", text)


def man_free_text(lines):
    """Paragraphs as they are; what is indented, or a list of codes, is kept line by line."""
    out, inside = [], None
    for line in lines:
        kind = "kept" if line.startswith("  ") else "text" if line else None
        if kind != inside:
            out += [".fi", ".RE"] if inside == "kept" else []
            out += [".PP"] if kind == "text" else [".RS 4", ".nf"] if kind == "kept" else []
        if kind:
            out.append(roff(line[2:] if kind == "kept" else line))
        inside = kind
    return out + ([".fi", ".RE"] if inside == "kept" else [])


def man(help, version):
    summary = help.about.split(". ")[0].rstrip(".")
    out = [f'.TH {help.program.upper()} 1 "" "jtrace {version}" "User Commands"',
           ".SH NAME", f"{roff(help.program)} \\- {roff(summary[0].lower() + summary[1:])}",
           ".SH SYNOPSIS", f".B {roff(help.program)}", roff(help.usage.split(" ", 1)[-1]),
           ".SH DESCRIPTION", roff(help.about), ".SH OPTIONS"]
    for option in help.options:
        names = ", ".join(f"\\fB{roff(name)}\\fR" for name in option.names())
        out += [".TP", names + (f" \\fI{roff(option.value)}\\fR" if option.value else ""), roff(option.text)]
    return out + [".SH NOTES"] + man_free_text(help.rest)


def bash(help, version):
    function = "_" + help.program.replace("-", "_")
    words = " ".join(name for option in help.options for name in option.names())
    out = [f"# Completion of {help.program} {version} for bash.", f"{function}() {{",
           '  local word=${COMP_WORDS[COMP_CWORD]}', "  case ${COMP_WORDS[COMP_CWORD-1]} in"]
    for option in help.options:
        names = "|".join(option.names())
        if option.value == "FILE":
            out.append(f'    {names}) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;')
        elif option.value in CHOICES:
            out.append(f'    {names}) mapfile -t COMPREPLY < <(compgen -W "{" ".join(CHOICES[option.value])}" -- "$word"); return ;;')
        elif option.needs_value():
            out.append(f"    {names}) return ;;")
    return out + ["  esac", f'  mapfile -t COMPREPLY < <(compgen -W "{words}" -- "$word")', "}",
                  f"complete -F {function} {help.program}"]


def zsh(help, version):
    out = [f"#compdef {help.program}", f"# Completion of {help.program} {version} for zsh.", "_arguments -s \\"]
    for option in help.options:
        text = re.sub(r"([\[\]:\\])", r"\\\1", option.text).replace("'", "'\\''")
        action = "_files" if option.value == "FILE" else f"({' '.join(CHOICES[option.value])})" if option.value in CHOICES else " "
        value = f"{':' if option.needs_value() else '::'}{option.value.strip('[]').lower()}:{action}" if option.value else ""
        # An option may be given once, but for its other name; what the help calls repeatable, often.
        names = option.names()
        often = "*" if "repeatable" in option.text else ""
        for name in names:
            others = f"({' '.join(n for n in names if n != name)})" if len(names) > 1 and not often else ""
            out.append(f"  '{others}{often}{name}[{text}]{value}' \\")
    return out + ["  && return 0"]


def fish(help, version):
    def quoted(text):
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    out = [f"# Completion of {help.program} {version} for fish.", f"complete -c {help.program} -f"]
    for option in help.options:
        words = [f"complete -c {help.program}"] + [f"-s {option.short}"] * bool(option.short) + [f"-l {option.long}"]
        if option.value == "FILE":
            words.append("-r -F")
        elif option.value in CHOICES:
            words.append(f"-x -a {quoted(' '.join(CHOICES[option.value]))}")
        elif option.needs_value():
            words.append("-x")
        out.append(" ".join(words + [f"-d {quoted(option.text)}"]))
    return out


def main():
    kind, version, program = sys.argv[1:]
    try:
        help = read_help(program)
    except (OSError, ValueError, subprocess.CalledProcessError) as problem:
        sys.exit(f"help_files.py: {program}: {problem}")
    print("\n".join({"man": man, "bash": bash, "zsh": zsh, "fish": fish}[kind](help, version)))


if __name__ == "__main__":
    main()
