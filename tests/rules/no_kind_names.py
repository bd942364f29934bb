#!/usr/bin/env python3
"""engine/, model/ and state/ know no kind by name: what is special about a kind is in its row."""

import re

from source import files_under, is_test, line_of, main, without_comments

ROOMS = ("engine", "model", "state")
# Kinds whose names are also ordinary words. As words they may appear; a text that is exactly such a
# name ("group") may not, because that is how a kind would be asked for; a member of JSON (["group"]) may.
ORDINARY = {"directory", "user", "group", "file", "query", "alert", "connection", "library", "permissions", "secret"}


def kinds_of(root):
    return {path.stem for path in (root / "src" / "kinds").glob("*.cpp") if not is_test(path)}


def pattern_for(names):
    plain = sorted(names - ORDINARY)
    ordinary = sorted(names & ORDINARY)
    parts = []
    if plain:
        parts.append(r"\b(?:" + "|".join(map(re.escape, plain)) + r")\b")
    if ordinary:
        parts.append('(?<!\\[)"(?:' + "|".join(map(re.escape, ordinary)) + ')"')
    return re.compile("|".join(parts)) if parts else None


def check(report):
    pattern = pattern_for(kinds_of(report.root))
    for room in ROOMS:
        for path in files_under(report.root / "src" / room):
            if is_test(path):
                continue
            report.checked += 1
            text = path.read_text(encoding="utf-8")
            bare = without_comments(text)
            for found in pattern.finditer(text) if pattern else ():
                # A quoted ordinary word in a comment is an example in a sentence.
                if found.group().startswith('"') and bare[found.start()] != '"':
                    continue
                report.violation(path, line_of(text, found.start()), f"names the kind {found.group()}")


main("no_kind_names", __doc__, check)
