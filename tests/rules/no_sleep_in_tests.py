#!/usr/bin/env python3
"""Tests do not sleep on the wall clock: they run in virtual time, or wait for what they wait for.

`loop.sleep(...)` is virtual and free. A loop that polls another process says why on its line, with
`sleep-ok: <what it waits for>`.
"""

import re

from source import files_under, is_test, main

# `x.sleep(` and `x->sleep(` are the loop's; python's time.sleep and the shell's are not.
SLEEP = {
    ".cpp": r"\bsleep_(?:for|until)\b|\bu?sleep\s*\((?<!\.sleep\()(?<!>sleep\()|\bnanosleep\b",
    ".py": r"\btime\.sleep\b|\basyncio\.sleep\b|^from time import .*\bsleep\b",
    ".sh": r"(?:^|[;&|(\s])sleep\s+[0-9.$]",
    ".mjs": r"\bsetTimeout\b",
}
SLEEP[".h"] = SLEEP[".cpp"]
SLEEP[".js"] = SLEEP[".mjs"]
PATTERNS = {suffix: re.compile(pattern) for suffix, pattern in SLEEP.items()}
EXCUSE = re.compile(r"sleep-ok: \S+")


def suffix_of(path):
    """A script without a suffix says in its first line what it is."""
    if path.suffix:
        return path.suffix
    with path.open("rb") as file:
        first = file.readline()
    return ".py" if b"python" in first else ".sh" if first.startswith(b"#!") else ""


def files_to_check(root):
    rules = root / "tests" / "rules"  # holds planted violations
    for path in files_under(root / "tests", set(PATTERNS) | {""}):
        if rules not in path.parents and "node_modules" not in path.parts:
            yield path
    for path in files_under(root / "src"):
        if is_test(path):
            yield path


def check(report):
    for path in files_to_check(report.root):
        pattern = PATTERNS.get(suffix_of(path))
        if pattern is None:
            continue
        report.checked += 1
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if pattern.search(line) and not EXCUSE.search(line):
                report.violation(path, number, "sleeps on the wall clock")


main("no_sleep_in_tests", __doc__, check)
