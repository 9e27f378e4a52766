"""The pages hold together: what they link to is there, each of them is found from the README, the table of
docs/configuration.md has what the library reads from its environment, no more and no less, each tool's page has its options, and the tests that docs/reliability.md names are there.

  pages.py ROOT     the *.md of ROOT and of docs/ below it, and ROOT's src/, tools/ and tests/

Links to other hosts are not followed. Exit code 0: all is well.
"""
import pathlib
import re
import sys

FENCE = re.compile(r"\s*(```+|~~~+)")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"#{1,6} +(.*?) *#*$")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:")

# {"endpoint", "JAEGER_ENDPOINT", …} in the table of keys; getenv("JTRACE_CLOCK") and {"all_proxy", "ALL_PROXY"} elsewhere.
KEY = re.compile(r'^    \{"([a-z0-9_.]+)", "([A-Z0-9_]+)", take_', re.MULTILINE)
GETENV = re.compile(r'getenv\("([A-Za-z0-9_]+)"\)')
PROXY = re.compile(r'"([a-z]+_proxy)"')
ROW = re.compile(r"\|([^|]*)\|([^|]+)\|")
OPTION = re.compile(r' add\("(?:\w,)?([a-z0-9-]+)"')
OPTION_ROW = re.compile(r"\| (`-[^|]*)\|")
TEST_CASE = re.compile(r'TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)')
QUOTED = re.compile(r'"([^"]+)"')
CODE = re.compile(r"`([^`]+)`")


class Page:
    """What a page says about itself: its lines outside of blocks of code."""

    def __init__(self, path):
        self.path = path
        self.lines = []  # (number, text)
        fence = None
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            mark = FENCE.match(line)
            if fence is None and mark:
                fence = mark.group(1)
            elif fence is None:
                self.lines.append((number, line))
            elif line.strip() == fence:
                fence = None

    def links(self):
        for number, line in self.lines:
            for target in LINK.findall(CODE.sub("``", line)):
                yield number, target

    def anchors(self):
        """As GitHub makes them from headings."""
        found = set()
        for _, line in self.lines:
            heading = HEADING.match(line)
            if heading:
                words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.group(1)).lower()
                found.add(re.sub(r"[^\w\- ]", "", words).replace(" ", "-"))
        return found


def find_pages(root):
    return {path.resolve(): Page(path.resolve()) for path in [*root.glob("*.md"), *(root / "docs").rglob("*.md")]}


def check_links(root, pages):
    for path, page in sorted(pages.items()):
        for number, target in page.links():
            if ELSEWHERE.match(target):
                continue
            name, _, anchor = target.partition("#")
            there = (path.parent / name).resolve() if name else path
            where = f"{path.relative_to(root)}:{number}: {target}"
            if not there.exists():
                yield f"{where} is not there"
            elif anchor and there in pages and anchor not in pages[there].anchors():
                yield f"{where}: that page has no such heading"


def check_reached(root, pages):
    reached, to_do = set(), [root / "README.md"]
    while to_do:
        path = to_do.pop()
        if path in pages and path not in reached:
            reached.add(path)
            to_do += [(path.parent / target.partition("#")[0]).resolve() for _, target in pages[path].links()]
    for path in sorted(set(pages) - reached):
        yield f"{path.relative_to(root)}: no link leads there from the README"


def read_table(page):
    """The keys and the variables of the table; a row that has several tells them in the same order."""
    keys, variables = {}, set()
    in_table = False
    for _, line in page.lines:
        if line.startswith("| in code | variable |"):
            in_table = True
        elif not line.startswith("|"):
            in_table = in_table and not variables
        elif in_table and ROW.match(line):
            in_code, in_environment = (CODE.findall(cell) for cell in ROW.match(line).groups())
            variables.update(in_environment)
            keys.update(zip(in_code, in_environment))
    return keys, variables


def check_configuration(root, pages):
    sources = "\n".join(path.read_text(encoding="utf-8") for path in sorted((root / "src").rglob("*.cpp")))
    keys = dict(KEY.findall(sources))
    if not keys:
        yield "src/config/read_settings.cpp: the table of keys is not where this test looks for it"
    documented, variables = read_table(pages[root / "docs/configuration.md"])
    for key, variable in sorted(keys.items()):
        if documented.get(key) != variable:
            yield f"docs/configuration.md: the table lacks `{key}` with `{variable}`"
    for key in sorted(set(documented) - set(keys)):
        yield f"docs/configuration.md: there is no key `{key}`"
    read = {*keys.values(), *GETENV.findall(sources), *PROXY.findall(sources)}
    for variable in sorted(read - variables):
        yield f"docs/configuration.md: the table lacks `{variable}`"
    for variable in sorted(variables - read):
        yield f"docs/configuration.md: nothing reads `{variable}`"


def check_options(root, pages):
    for tool, name in (("jtrace-send", "docs/jtrace-send.md"), ("jtrace-collector", "docs/collector.md")):
        options = set(OPTION.findall((root / "tools" / tool / "options.cpp").read_text(encoding="utf-8")))
        if not options:
            yield f"tools/{tool}/options.cpp: the options are not where this test looks for them"
        rows = "".join(row for _, line in pages[root / name].lines for row in OPTION_ROW.findall(line))
        documented = set(re.findall(r"--([a-z0-9-]+)", rows))
        for option in sorted(options - documented):
            yield f"{name}: the table lacks --{option}"
        for option in sorted(documented - options):
            yield f"{name}: there is no --{option}"


def read_test_names(root):
    sources = [path.read_text(encoding="utf-8") for path in sorted((root / "tests").rglob("*.cpp"))]
    return ["".join(QUOTED.findall(words)) for source in sources for words in TEST_CASE.findall(source)]


def check_tests(root, pages):
    """A test is named in quotes, in the last cell of a row or in a paragraph, as `file`: "the beginning …"."""
    names = read_test_names(root)
    for number, line in pages[root / "docs/reliability.md"].lines:
        words = line.rstrip(" |").rpartition("|")[2]
        for quoted in QUOTED.findall(words):
            parts = [part.strip() for part in quoted.split("…") if part.strip()]
            if not any(all(part in name for part in parts) for name in names):
                yield f"docs/reliability.md:{number}: there is no test \"{quoted}\""


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    pages = find_pages(root)
    checks = (check_links, check_reached, check_configuration, check_options, check_tests)
    troubles = [trouble for check in checks for trouble in check(root, pages)]
    for trouble in troubles:
        print(f"NOT OK: {trouble}")
    print(f"{len(pages)} pages, {len(troubles)} failures")
    return 1 if troubles or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
