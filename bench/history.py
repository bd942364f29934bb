"""What recovery points cost: on disk, and of the time of a sync. No latency, no limits: the least favourable."""

import os
import random
import tempfile

import memory
from harness import Measured, Regions, table

GOAL_PERCENT = 3  # a point with 1 % of the notebooks changed, of the first point, on disk
POINTS = 5


def file_size(state):
    return sum(os.path.getsize(os.path.join(state, name)) for name in os.listdir(state) if ".history.db" in name)


def change(region, notebooks, chance):
    """One line of each is another one: what people do to a notebook."""
    region.call_many((("POST", "/api/2.0/workspace/import",
                       {"path": f"/Shared/team {number // memory.PER_FOLDER}/notebook {number}", "format": "SOURCE",
                        "language": "PYTHON", "overwrite": True, "content": memory.content(chance.randrange(10**9), memory.SIZE)})
                      for number in chance.sample(range(notebooks), notebooks // 100)), 4)


class Group:
    """A secondary and a state of its own, with a history or without."""

    def __init__(self, twinlake, regions, folder, name, kept):
        self.config = os.path.join(folder, name + ".yml")
        self.state = os.path.join(folder, name)
        self.words = [twinlake, "--config", self.config, "-o", "json"]
        self.regions = regions
        with open(self.config, "w", encoding="utf-8") as file:
            file.write("groups:\n  main:\n    primary: primary\n    secondary: secondary\n"
                       f"    state: {self.state}\n    history: {str(kept).lower()}\n")

    def run(self, *words):
        return Measured([*self.words, *words], DATABRICKS_CONFIG_FILE=self.regions.config, TWINLAKE_LIMITS="off").expect()


def run_group(twinlake, notebooks, kept):
    """Seconds of the processor and peak megabytes of each run, and what the file takes after each."""
    chance = random.Random(1)
    runs = []
    with tempfile.TemporaryDirectory(prefix="twinlake-bench-") as folder, Regions(twinlake, folder) as regions:
        memory.fill(regions.primary, notebooks, memory.SIZE)
        group = Group(twinlake, regions, folder, "kept" if kept else "without", kept)
        for number in range(POINTS + 2):
            if number > 1:
                change(regions.primary, notebooks, chance)
            run = group.run("sync")
            runs.append((run, file_size(group.state) if kept else 0))
        if kept:
            runs.append((group.run("history", "check"), file_size(group.state)))
    return runs


def measure(twinlake, notebooks, results):
    print(f"{notebooks} notebooks of {memory.SIZE // 1000} kB, twice", flush=True)
    without = run_group(twinlake, notebooks, False)
    kept = run_group(twinlake, notebooks, True)
    first = kept[0][1]
    rows, good, before = [], True, 0
    for number, (run, size) in enumerate(kept):
        name = ("first sync" if number == 0 else "nothing changed" if number == 1
                else "history check" if number == POINTS + 2 else "1 % changed")
        grown = size - before
        percent = 100 * grown / first
        if name == "1 % changed":
            good = good and percent < GOAL_PERCENT
        other = without[number][0] if number < len(without) else None
        rows.append([name, f"{grown / 1e6:.2f}", f"{percent:.2f}",
                     "-" if other is None else f"{other.processor:.1f}", f"{run.processor:.1f}",
                     "-" if other is None else f"{other.seconds:.1f}", f"{run.seconds:.1f}", f"{run.megabytes:.0f}"])
        before = size
    table(f"History, {notebooks} notebooks of {memory.SIZE // 1000} kB, 1 % changed per point (goal: below {GOAL_PERCENT} %)",
          "history", ["run", "MB added", "% of the first", "processor s without", "with", "seconds without", "with", "peak MB"],
          rows, results)
    return good
