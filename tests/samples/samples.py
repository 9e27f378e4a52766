"""Every block of C++ in the pages is compiled, linked and run, so that no page shows what does not work.

  samples.py ROOT LIBRARY COMPILER…   README.md and docs/**/*.md below ROOT, by that compiler, with that libjtrace

A block with a main() is a program as it stands. Any other block is what happens inside of main(), after <jtrace/jtrace.h>.
What else it stands on, such as includes and declarations, it gets from a comment right above it, which readers of the
page do not see:

  <!-- sample                        lines of C++ follow, which stand at file scope in front of the block
  #include <map>
  -->
  <!-- sample, at file scope -->     the block itself is functions or types
  <!-- sample, with A and B -->      needs what pkg-config knows by these names; passed over, and said, where it does not
  <!-- sample, with header NAME -->  the same, of a library without libraries
  <!-- sample, not run: why -->      compiled and linked only
  <!-- no sample: why -->            not even that

The programs run without any variable that steers tracing, that is untraced, and have to end well within a minute.
Exit code 0: all do.
"""
import concurrent.futures
import dataclasses
import os
import pathlib
import re
import subprocess
import sys
import tempfile

FLAGS = ["-std=c++20", "-Wall", "-Wextra", "-Werror", "-Wno-unused", "-fdiagnostics-color=never", "-pthread"]
CPP = {"cpp", "c++", "cxx", "cc", "hpp", "h"}
STEERS = re.compile(r"(JAEGER|JTRACE|OTEL)_|(http|https|all|no)_proxy$", re.IGNORECASE)

FENCE = re.compile(r"\s*(```+|~~~+)\s*(\S*)")
MARK = re.compile(r"\s*<!--\s*(no sample|sample)\b(.*)")
WORDS = re.compile(r"(?P<no>no sample: \S.*)|sample(?P<with>, with (header )?[\w+./-]+( and [\w+./-]+)*)?(?P<file>, at file scope)?(?P<not_run>, not run: \S.*)?")
MAIN = re.compile(r"^int main\(", re.MULTILINE)
INCLUDE = re.compile(r"\s*#\s*include\b")


@dataclasses.dataclass
class Mark:
    line: int  # of the page, as an editor counts
    words: str
    front: list


@dataclasses.dataclass
class Sample:
    page: str
    line: int  # of its first line of C++
    lines: list
    mark: Mark


class Wrong(Exception):
    """A page that is not written as it should be."""


def read_mark(lines, at):
    """The comment that begins at lines[at], and where the page goes on."""
    begin = at
    text = []
    while at < len(lines) and "-->" not in lines[at]:
        text.append(lines[at])
        at += 1
    if at == len(lines):
        raise Wrong(f"{begin + 1}: this comment never ends")
    text.append(lines[at].split("-->")[0])
    words = text[0].split("<!--")[1].strip()
    if not WORDS.fullmatch(words):
        raise Wrong(f"{begin + 1}: not understood, or without a reason: {words}")
    return Mark(begin + 1, words, text[1:]), at + 1


def read_block(lines, at, fence):
    """The block whose fence is lines[at], and where the page goes on."""
    begin = at + 1
    for end in range(begin, len(lines)):
        if lines[end].strip() == fence:
            return lines[begin:end], end + 1
    raise Wrong(f"{begin}: this block never ends")


def read_page(name, text):
    """The samples of a page, in their order."""
    lines = text.splitlines()
    samples = []
    mark = None
    at = 0
    while at < len(lines):
        fence = FENCE.match(lines[at])
        if fence:
            line = at + 2
            block, at = read_block(lines, at, fence.group(1))
            if fence.group(2).lower() in CPP:
                samples.append(Sample(name, line, block, mark or Mark(line, "sample", [])))
                mark = None
                continue
        elif MARK.match(lines[at]) and mark is None:
            mark, at = read_mark(lines, at)
            continue
        else:
            at += 1
        if mark:
            raise Wrong(f"{mark.line}: no block of C++ follows this comment")
    if mark:
        raise Wrong(f"{mark.line}: no block of C++ follows this comment")
    return samples


def program_of(sample):
    """Its C++; what the compiler says about it names the page and its line."""
    def at(line, lines):
        return [f'#line {line} "{sample.page}"'] + lines

    front = ["#include <jtrace/jtrace.h>"] + at(sample.mark.line + 1, sample.mark.front)
    if MAIN.search("\n".join(sample.lines)):
        return front + at(sample.line, sample.lines)
    if ", at file scope" in sample.mark.words:
        return front + at(sample.line, sample.lines) + ["int main() {}"]
    includes = [line if INCLUDE.match(line) else "" for line in sample.lines]
    body = ["" if INCLUDE.match(line) else line for line in sample.lines]
    return front + at(sample.line, includes) + ["int main() {"] + at(sample.line, body) + ["}"]


def neutral_environment():
    environment = {name: value for name, value in os.environ.items() if not STEERS.match(name)}
    return dict(environment, LC_ALL="C")


def flags_for(sample, compiler):
    """What its foreign library wants from the compiler; None where that library is missing."""
    foreign = WORDS.fullmatch(sample.mark.words)["with"]
    if not foreign:
        return []
    names = foreign.removeprefix(", with ").removeprefix("header ").split(" and ")
    if " header " in foreign:
        seen = subprocess.run(compiler + ["-x", "c++", "-fsyntax-only", "-"], input=f"#if !__has_include(<{names[0]}>)\n#error\n#endif\n",
                              capture_output=True, text=True)
        return [] if seen.returncode == 0 else None
    known = subprocess.run(["pkg-config", "--cflags", "--libs", *names], capture_output=True, text=True)
    # Their headers are not ours to warn about.
    return [f"-isystem{flag[2:]}" if flag.startswith("-I") else flag for flag in known.stdout.split()] if known.returncode == 0 else None


def try_out(sample, foreign, include, library, compiler):
    """What is wrong with it; an empty text if nothing is."""
    folder = os.path.dirname(library)
    with tempfile.TemporaryDirectory() as scratch:
        source, program = os.path.join(scratch, "sample.cpp"), os.path.join(scratch, "sample")
        pathlib.Path(source).write_text("\n".join(program_of(sample)) + "\n", encoding="utf-8")
        built = subprocess.run(compiler + FLAGS + ["-I", include, source, library, f"-Wl,-rpath,{folder}", "-o", program] + foreign,
                               capture_output=True, text=True, env=neutral_environment())
        if built.returncode != 0:
            return f"does not compile:\n{built.stderr}"
        if ", not run: " in sample.mark.words:
            return ""
        try:
            ran = subprocess.run([program], capture_output=True, text=True, cwd=scratch, timeout=60,
                                 env=neutral_environment())
        except subprocess.TimeoutExpired:
            return "does not end within a minute"
        return "" if ran.returncode == 0 else f"ends with {ran.returncode}:\n{ran.stdout}{ran.stderr}"


def main():
    root, library, compiler = pathlib.Path(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3:]
    include = str(root / "include")
    samples = []
    failures = 0
    for page in [root / "README.md"] + sorted(root.glob("docs/**/*.md")):
        name = page.relative_to(root).as_posix()
        try:
            samples += read_page(name, page.read_text(encoding="utf-8"))
        except Wrong as wrong:
            print(f"NOT OK: {name}:{wrong}")
            failures += 1

    tried = {}  # with the flags that each needs
    for position, sample in enumerate(samples):
        if not sample.mark.words.startswith("no sample"):
            tried[position] = flags_for(sample, compiler)
    for position in [position for position, flags in tried.items() if flags is None]:
        print(f"passed over, since that library is not here: {samples[position].page}:{samples[position].line}: {samples[position].mark.words}")
        del tried[position]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        troubles = pool.map(lambda one: try_out(samples[one[0]], one[1], include, library, compiler), tried.items())
        for sample, trouble in zip([samples[position] for position in tried], troubles):
            print(f"{'NOT OK' if trouble else 'ok'}: {sample.page}:{sample.line} {trouble}".rstrip())
            failures += bool(trouble)
    print(f"{len(tried)} of {len(samples)} samples tried; {failures} failures")
    return 1 if failures or not tried else 0


if __name__ == "__main__":
    sys.exit(main())
