"""What the rules share: finding sources, looking at code without comments, reporting."""

import argparse
import pathlib
import re
import sys

CODE = {".cpp", ".h"}


def root_from_arguments(description):
    parser = argparse.ArgumentParser(description=description)
    here = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("--root", type=pathlib.Path, default=here, help="of the sources to check")
    return parser.parse_args().root


def files_under(folder, suffixes=frozenset(CODE)):
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in suffixes)


def is_test(path):
    """A test, or a header that only tests include."""
    return path.name.endswith("_test.cpp") or path.name == "testing.h" or path.name.startswith("test_")


# One alternative per thing in which a quote or a brace means something else.
_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<raw>R"(?P<mark>[^(\s]{0,16})\(.*?\)(?P=mark)")
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?P<char>(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])*')""",
    re.VERBOSE | re.DOTALL,
)


def _blank(text):
    """The same length and lines, so that positions stay true."""
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    return _TOKEN.sub(lambda m: _blank(m.group()) if m.group("comment") else m.group(), text)


def only_code(text):
    """Without comments; strings are empty."""
    return _TOKEN.sub(lambda m: _blank(m.group()) if m.group("comment")
                      else '"' + _blank(m.group())[2:] + '"' if len(m.group()) > 1 else m.group(), text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


class Report:
    """Collects violations; its exit code is that of the rule."""

    def __init__(self, root, rule):
        self.root, self.rule, self.count, self.checked = root, rule, 0, 0

    def violation(self, path, line, what):
        self.count += 1
        print(f"{path.relative_to(self.root)}:{line}: {what}")

    def finish(self):
        if self.checked == 0:
            print(f"{self.rule}: found nothing to check in {self.root}: the rule itself is broken")
            return 1
        print(f"{self.rule}: {self.checked} files, {self.count} violations")
        return 1 if self.count else 0


def main(rule, description, check):
    report = Report(root_from_arguments(description), rule)
    check(report)
    sys.exit(report.finish())
