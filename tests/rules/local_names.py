#!/usr/bin/env python3
"""A function that is local to a file is not called like one of base/. Builds with sanitizers compile the files of a
folder together (docs/adr/0020): there the local one would be found first by every file after it, without a word."""

import re

from source import CODE, files_under, is_test, line_of, main, only_code

# Words that many types answer to, so that they are overloaded everywhere.
SHARED = {"name_of", "describe"}
DECLARED = re.compile(r"^(?!\s)(?:\[\[nodiscard\]\] |template <[^\n]*> |inline |constexpr )*[\w:<>,*& ]+?\b(\w+)\(", re.MULTILINE)
LOCAL = re.compile(r"^namespace \{$(.*?)^\}  ?(?:// namespace)?", re.MULTILINE | re.DOTALL)
DEFINED = re.compile(r"^(?!\s)(?:constexpr |static |inline )*[\w:<>,*& ]+?\b(\w+)\([^;{}]*\)\s*\{", re.MULTILINE)


def names_of_base(root):
    names = set()
    for path in files_under(root / "src" / "base", {".h"}):
        if not is_test(path):
            names |= set(DECLARED.findall(only_code(path.read_text(encoding="utf-8"))))
    return names - SHARED


def check(report):
    taken = names_of_base(report.root)
    for path in files_under(report.root / "src", CODE - {".h"}):
        if is_test(path) or path.relative_to(report.root / "src").parts[0] == "base":
            continue
        report.checked += 1
        text = only_code(path.read_text(encoding="utf-8"))
        for part in LOCAL.finditer(text):
            for function in DEFINED.finditer(part.group(1)):
                if function.group(1) in taken:
                    line = line_of(text, part.start(1) + function.start(1))
                    report.violation(path, line, f"{function.group(1)}() is the name of a function in base/")


main("local_names", __doc__, check)
