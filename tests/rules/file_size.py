#!/usr/bin/env python3
"""A file that grows without end hides what it is about: 500 lines at most, a warning above 400."""

from source import CODE, files_under, main

LIMIT, WARNING = 500, 400


def check(report):
    for path in files_under(report.root / "src", CODE | {".sql"}):
        report.checked += 1
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > LIMIT:
            report.violation(path, lines, f"{lines} lines; at most {LIMIT}: split it by what it is about")
        elif lines > WARNING:
            print(f"{path.relative_to(report.root)}: {lines} lines; a warning, {LIMIT} is the limit")


main("file_size", __doc__, check)
