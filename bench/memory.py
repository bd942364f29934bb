"""Peak memory and processor time of the real program on many notebooks and on large files; no latency, no limits."""

import base64
import hashlib
import os
import tempfile

from harness import Measured, Regions, table, twinlake_words

GOAL_MEGABYTES = 150
SIZE = 20_000  # bytes of a notebook
PER_FOLDER = 100
MEGABYTE = 1 << 20
FILE_MEGABYTES = 64
COMMANDS = (("first sync", "sync"), ("nothing changed", "sync"), ("everything read again", "reconcile"))


def content(number):
    text = f"# Databricks notebook source\n# notebook {number}\n"
    cell = f"spark.table('bronze.events_{number}').where('day = 7').write.saveAsTable('silver.events')\n"
    text += cell * ((SIZE - len(text)) // len(cell) + 1)
    return base64.b64encode(text[:SIZE].encode()).decode()


def fill(region, notebooks):
    folders = [f"/Shared/team {number}" for number in range((notebooks + PER_FOLDER - 1) // PER_FOLDER)]
    for folder in folders:
        region.call("POST", "/api/2.0/workspace/mkdirs", {"path": folder})
    region.call_many((("POST", "/api/2.0/workspace/import",
                       {"path": f"{folders[number // PER_FOLDER]}/notebook {number}", "format": "SOURCE",
                        "language": "PYTHON", "overwrite": False, "content": content(number)})
                      for number in range(notebooks)), 4)


def put_file(region, path, number):
    handle = region.call("POST", "/api/2.0/dbfs/create", {"path": path, "overwrite": False})["handle"]
    for block in range(FILE_MEGABYTES):
        seed = hashlib.sha256(f"{number}/{block}".encode()).digest()
        region.call("POST", "/api/2.0/dbfs/add-block", {
            "handle": handle, "data": base64.b64encode(seed * (MEGABYTE // len(seed))).decode()})
    region.call("POST", "/api/2.0/dbfs/close", {"handle": handle})


def runs_of(twinlake, regions, folder):
    """Each command as it is run one after the other, with what it took."""
    state = os.path.join(folder, "state")
    for name, command in COMMANDS:
        yield name, command, Measured(twinlake_words(twinlake, state, command), DATABRICKS_CONFIG_FILE=regions.config,
                                      TWINLAKE_LIMITS="off").expect()


def measure_files(twinlake, megabytes, results):
    rows, good = [], True
    files = max(1, megabytes // FILE_MEGABYTES)
    with tempfile.TemporaryDirectory(prefix="twinlake-bench-") as folder, Regions(twinlake, folder) as regions:
        print(f"filling {files} files of {FILE_MEGABYTES} MB on DBFS", flush=True)
        for number in range(files):
            put_file(regions.primary, f"/FileStore/jars/{number}.jar", number)
        for name, command, run in runs_of(twinlake, regions, folder):
            good = good and run.megabytes < GOAL_MEGABYTES
            rows.append([name, command, f"{run.megabytes:.0f}", GOAL_MEGABYTES, f"{run.seconds:.1f}", f"{run.processor:.1f}"])
    table(f"Memory, {files * FILE_MEGABYTES} MB on DBFS in {files} files, no latency, no limits", "memory_dbfs",
          ["run", "command", "peak MB", "goal below", "seconds", "processor s"], rows, results)
    return good


def measure(twinlake, notebooks, results):
    rows, good = [], True
    with tempfile.TemporaryDirectory(prefix="twinlake-bench-") as folder, Regions(twinlake, folder) as regions:
        print(f"filling {notebooks} notebooks of {SIZE // 1000} kB", flush=True)
        fill(regions.primary, notebooks)
        for name, command, run in runs_of(twinlake, regions, folder):
            good = good and run.megabytes < GOAL_MEGABYTES
            rows.append([name, command, f"{run.megabytes:.0f}", GOAL_MEGABYTES, f"{run.seconds:.1f}",
                         f"{run.processor:.1f}", f"{run.processor / notebooks * 1e6:.0f}"])
    table(f"Memory, {notebooks} notebooks of {SIZE // 1000} kB, no latency, no limits", "memory",
          ["run", "command", "peak MB", "goal below", "seconds", "processor s", "us per notebook"], rows, results)
    return good
