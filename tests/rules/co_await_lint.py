#!/usr/bin/env python3
"""No brace-built value in an expression with co_await.

Some compilers build such values twice or destroy them twice (docs/adr/0010). The rule keeps the
source right for all of them: give the value a name first, or use a constructor or a factory.
The body of a lambda and of a statement are no values.
"""

import re

from source import files_under, line_of, main, only_code

CO_AWAIT = re.compile(r"(?<!operator )\bco_await\b")
# What stands before the brace of a body: a parameter list, perhaps with specifiers and a return type,
# a capture list, or a keyword.
BODY = re.compile(
    r"(?:[)\]]\s*(?:(?:mutable|noexcept|const|override|final)\b\s*)*(?:\s->\s[\w:<>,\s&*]*)?"
    r"|\b(?:else|do|try)\s*|[;}:]\s*|\bnamespace\s+[\w:]*\s*|^\s*)$"
)


def is_body(code, brace):
    before = code[:brace].rstrip()
    if before.endswith("{"):
        return is_body(code, len(before) - 1)  # a block in a block, a value in a value
    return BODY.search(code[max(0, brace - 400):brace]) is not None


def closing(code, opening):
    depth = 0
    for position in range(opening, len(code)):
        depth += {"{": 1, "}": -1}.get(code[position], 0)
        if depth == 0:
            return position
    return len(code)


def value_after(code, start):
    """Position of a brace-built value between `start` and the end of the expression, or None."""
    depth, position = 0, start
    while position < len(code):
        sign = code[position]
        if sign == "{":
            if not is_body(code, position):
                return position
            if depth == 0:
                return None  # the body of `if (co_await ...)`
            position = closing(code, position)  # a lambda: its statements are looked at on their own
        elif sign in "([":
            depth += 1
        elif sign in ")]":
            depth -= 1
        elif sign == ";" and depth <= 0 or sign == "}":
            return None
        if depth < 0 and sign == ")" and is_statement_head(code, position):
            return None
        position += 1
    return None


def is_statement_head(code, closing_parenthesis):
    """Does `)` end the head of an `if`, `while`, `for` or `switch`? Then a statement follows."""
    depth = 0
    for position in range(closing_parenthesis, -1, -1):
        depth += {")": 1, "(": -1}.get(code[position], 0)
        if depth == 0:
            return re.search(r"\b(?:if|while|for|switch)(?:\s+constexpr)?\s*$", code[:position][-40:]) is not None
    return False


def value_around(code, start):
    """Position of a brace-built value that `start` lies in, or None."""
    depth = 0
    for position in range(start - 1, -1, -1):
        if code[position] == "}":
            depth += 1
        elif code[position] == "{":
            if depth == 0:
                return None if is_body(code, position) else position
            depth -= 1
        elif code[position] == ";" and depth == 0:
            return None
    return None


def check(report):
    for folder in ("src", "tests", "bench"):
        for path in files_under(report.root / folder):
            report.checked += 1
            code = only_code(path.read_text(encoding="utf-8"))
            for found in CO_AWAIT.finditer(code):
                brace = value_after(code, found.end())
                if brace is None:
                    brace = value_around(code, found.start())
                if brace is not None:
                    report.violation(path, line_of(code, found.start()),
                                     "a brace-built value in an expression with co_await")


main("co_await_lint", __doc__, check)
