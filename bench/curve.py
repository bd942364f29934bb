#!/usr/bin/env python3
"""Draws what `bench/run --only steady` measured: bench/curve.py results/steady.csv docs/guide/steady.svg"""

import csv
import sys
from collections import defaultdict
from html import escape

WIDTH, HEIGHT, LEFT, TOP, GAP = 400, 260, 64, 48, 76
COLOURS = ("#1b6ca8", "#c8553d", "#588b8b", "#8d5a97", "#b58900")
FIRST = "first"


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def lines_of(rows, column):
    """By number of changes, the points over the size of the estate."""
    lines = defaultdict(list)
    for row in rows:
        if row["changed"] != FIRST:
            lines[int(row["changed"])].append((int(row["notebooks"]), float(row[column])))
    return lines


def nice(most):
    """The smallest of 1, 2, 5, 10, ... that is not below it."""
    power = 1
    while True:
        for step in (1, 2, 5):
            if most <= step * power:
                return step * power
        power *= 10


def text(x, y, words, anchor="middle", size=12):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{escape(words)}</text>'


def chart(lines, title, left):
    widest = max(x for points in lines.values() for x, _ in points)
    highest = nice(max(y for points in lines.values() for _, y in points))
    place = lambda x, y: (left + x / widest * WIDTH, TOP + HEIGHT - y / highest * HEIGHT)
    parts = [text(left + WIDTH / 2, TOP - 20, title, size=14)]
    for fifth in range(6):
        _, y = place(0, highest * fifth / 5)
        parts.append(f'<path d="M{left} {y:.1f}h{WIDTH}" stroke="#ddd"/>')
        parts.append(text(left - 6, y + 4, f"{highest * fifth / 5:,g}", "end"))
    for size in sorted({x for points in lines.values() for x, _ in points}):
        x, _ = place(size, 0)
        parts.append(text(x, TOP + HEIGHT + 18, f"{size:,}"))
    parts.append(text(left + WIDTH / 2, TOP + HEIGHT + 38, "notebooks of the estate"))
    for colour, (changed, points) in zip(COLOURS, sorted(lines.items())):
        spots = [place(x, y) for x, y in sorted(points)]
        way = "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
        parts.append(f'<path d="M{way}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in spots]
        parts.append(text(left + 10, TOP + 16 + 16 * COLOURS.index(colour), f"{changed} changed", "start")
                     .replace("<text ", f'<text fill="{colour}" '))
    return parts


def picture(rows):
    charts = (("listings and pages", "listings and pages"), ("reads", "reads of single objects"),
              ("virtual s", "seconds (50 ms latency, published limits)"))
    parts = []
    for at, (column, title) in enumerate(charts):
        parts += chart(lines_of(rows, column), title, LEFT + at * (WIDTH + GAP))
    width, height = LEFT + len(charts) * (WIDTH + GAP), TOP + HEIGHT + 52
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">',
                      f'<rect width="{width}" height="{height}" fill="#fff"/>', *parts, "</svg>", ""])


def draw(source, target):
    with open(target, "w", encoding="utf-8") as file:
        file.write(picture(rows_of(source)))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    draw(*sys.argv[1:])
