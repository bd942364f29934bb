#!/usr/bin/env python3
"""LICENSE is the whole Apache License 2.0, and it alone speaks of licences: files carry no banner."""

import re

from source import files_under, main

PARTS = ("Apache License", "Version 2.0, January 2004", "9. Accepting Warranty or Additional Liability",
         "END OF TERMS AND CONDITIONS")
BANNER = re.compile(r"Copyright \(c\)|Licensed under|SPDX-License-Identifier|All rights reserved", re.IGNORECASE)


def check(report):
    licence = report.root / "LICENSE"
    text = licence.read_text(encoding="utf-8") if licence.is_file() else ""
    report.checked += 1
    for part in PARTS:
        if part not in text:
            report.violation(licence, 1, f"`{part}` is missing")
    for path in files_under(report.root / "src"):
        report.checked += 1
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()[:20], 1):
            if BANNER.search(line):
                report.violation(path, number, "a licence banner; LICENSE says it for all files")


main("licence", __doc__, check)
