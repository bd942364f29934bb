#!/usr/bin/env python3
"""An include goes only downward. The order is the one of the design; docs/adr/0001 says why."""

import re

from source import CODE, files_under, is_test, line_of, main, without_comments

# Lowest first; rooms of one line do not know each other.
ORDER = [
    ["base"],
    ["http", "events"],
    ["model"],
    ["state"],
    ["history"],
    ["workspace"],
    ["engine"],
    ["failover", "azure"],
    ["app", "daemon"],
]
# These stand beside the order: what each may include besides itself.
ASIDE = {
    "kinds": {"model", "workspace", "http", "base"},
    "simulator": {"http", "base"},
}
# Who starts the program may also start the simulator.
MAY_USE_SIMULATOR = {"app", "daemon"}

RANK = {room: rank for rank, rooms in enumerate(ORDER) for room in rooms}
ROOMS = set(RANK) | set(ASIDE)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.MULTILINE)


def allowed(room, target, in_test):
    if target == room:
        return True
    if target == "kinds":
        return False
    if target == "simulator":
        return in_test or room in MAY_USE_SIMULATOR
    if room in ASIDE:
        return target in ASIDE[room]
    return RANK[target] < RANK[room]


def is_of_the_tests(report, path, include):
    """A header that stands among the tests, named from tests/ or from beside the file."""
    return any((folder / include).is_file() for folder in (path.parent, report.root / "tests", report.root / "bench"))


def check_file(report, path, room):
    text = without_comments(path.read_text(encoding="utf-8"))
    for include in INCLUDE.finditer(text):
        line = line_of(text, include.start())
        target = include.group(1).split("/")[0]
        if room is None and is_of_the_tests(report, path, include.group(1)):
            continue
        if "/" not in include.group(1) or target not in ROOMS:
            report.violation(path, line, f'"{include.group(1)}" does not begin with a room of src/')
        elif room is None and target == "kinds":
            report.violation(path, line, "nobody includes kinds/")
        elif room is not None and not allowed(room, target, is_test(path)):
            report.violation(path, line, f"{room}/ must not include {target}/ ({include.group(1)})")


def check(report):
    source = report.root / "src"
    for path in files_under(source):
        room = path.relative_to(source).parts[0]
        report.checked += 1
        if room not in ROOMS:
            report.violation(path, 1, f"{room}/ has no place in the order of rooms (tests/rules/layers.py)")
        else:
            check_file(report, path, room)
    for folder in ("tests", "bench"):
        for path in files_under(report.root / folder, CODE):
            report.checked += 1
            check_file(report, path, None)


main("layers", __doc__, check)
