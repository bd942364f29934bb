"""Copies of files of the product with bugs in them.

usage: plant.py PLANTS SOURCE_ROOT TARGET_FOLDER

PLANTS lists the bugs: what is in the text of a file now, and what is there instead when the bug is planted. A copy asks
is_planted("name") in each place, so one program has them all and none of them until it is told to. A text that is not there
exactly once is an error: the product has changed, and the list must follow.
"""
import pathlib
import re
import sys


def read_plants(text):
    plants = []
    for block in re.split(r"^=== *", text, flags=re.M)[1:]:
        head, before, after = re.split(r"^--- (?:before|after)\n", block, flags=re.M)
        fields = dict(line.split(": ", 1) for line in head.splitlines()[1:] if line.strip())
        plants.append({"name": head.splitlines()[0].strip(), "before": before.rstrip("\n"), "after": after.rstrip("\n"), **fields})
    return plants


def planted_copies(plants, root):
    texts = {}
    for plant in plants:
        path = plant["file"]
        text = texts.get(path) or (root / path).read_text()
        if text.count(plant["before"]) != 1:
            sys.exit(f"{path}: what the bug {plant['name']} replaces is there {text.count(plant['before'])} times; "
                     "bring tests/simulation/plants.txt up to date")
        asked = f'twinlake::simulation::is_planted("{plant["name"]}")'
        texts[path] = text.replace(plant["before"], plant["after"].replace("PLANTED", asked))
    return texts


def table_of(plants):
    rows = "".join(f'    Plant{{"{p["name"]}", "{p["rule"]}", "{p["what"]}"}},\n' for p in plants)
    return f"""// Made from tests/simulation/plants.txt.
#include <algorithm>
#include <array>
#include <string>

#include "simulation/planted.h"

namespace twinlake::simulation {{

namespace {{
constexpr std::array all{{
{rows}}};
std::string planted;
}}  // namespace

std::span<const Plant> plants() {{ return all; }}

bool plant_bug(std::string_view name) {{
  if (!name.empty() && std::ranges::find(all, name, &Plant::name) == all.end()) return false;
  planted = name;
  return true;
}}

bool is_planted(std::string_view name) {{ return planted == name; }}

}}  // namespace twinlake::simulation
"""


def main():
    plants_path, root, target = map(pathlib.Path, sys.argv[1:])
    plants = read_plants(plants_path.read_text())
    target.mkdir(parents=True, exist_ok=True)
    files = {"plants.cpp": table_of(plants)}
    for path, text in planted_copies(plants, root).items():
        files[path.replace("/", "_")] = '#include "simulation/planted.h"\n' + text
    for name, text in files.items():
        (target / name).write_text(text)


main()
