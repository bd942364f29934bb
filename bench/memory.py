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


def content(number, size):
    text = f"# Databricks notebook source\n# notebook {number}\n"
    cell = f"spark.table('bronze.events_{number}').where('day = 7').write.saveAsTable('silver.events')\n"
    text += cell * ((size - len(text)) // len(cell) + 1)
    return base64.b64encode(text[:size].encode()).decode()


def fill(region, notebooks, size):
    folders = [f"/Shared/team {number}" for number in range((notebooks + PER_FOLDER - 1) // PER_FOLDER)]
    for folder in folders:
        region.call("POST", "/api/2.0/workspace/mkdirs", {"path": folder})
    region.call_many((("POST", "/api/2.0/workspace/import",
                       {"path": f"{folders[number // PER_FOLDER]}/notebook {number}", "format": "SOURCE",
                        "language": "PYTHON", "overwrite": False, "content": content(number, size)})
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


class Estate:
    """What the primary holds, and how much memory each run on it may take."""

    def __init__(self, name, notebooks, jobs=0, clusters=0, size=SIZE, goals=None):
        self.name, self.notebooks, self.jobs, self.clusters, self.size = name, notebooks, jobs, clusters, size
        self.goals = goals or {name: GOAL_MEGABYTES for name, _ in COMMANDS}

    def __str__(self):
        counts = ((self.notebooks, f"notebooks of {self.size / 1000:g} kB"), (self.jobs, "jobs"), (self.clusters, "clusters"))
        return ", ".join(f"{count:,} {what}" for count, what in counts if count)

    def fill(self, region):
        fill(region, self.notebooks, self.size)
        region.call_many((("POST", "/api/2.2/jobs/create", job(number)) for number in range(self.jobs)), 4)
        region.call_many((("POST", "/api/2.1/clusters/create", cluster(number)) for number in range(self.clusters)), 4)


def job(number):
    notebook = f"/Shared/team {number // PER_FOLDER}/notebook {number}"
    schedule = {"quartz_cron_expression": "0 0 3 * * ?", "timezone_id": "UTC", "pause_status": "UNPAUSED"}
    return {"name": f"job {number}", "schedule": schedule,
            "tasks": [{"task_key": key, "notebook_task": {"notebook_path": notebook}} for key in ("load", "check", "report")]}


def cluster(number):
    return {"cluster_name": f"cluster {number}", "spark_version": "15.4.x-scala2.12", "node_type_id": "Standard_DS3_v2",
            "num_workers": 2}


def measure(twinlake, estate, results):
    rows, good = [], True
    with tempfile.TemporaryDirectory(prefix="twinlake-bench-") as folder, Regions(twinlake, folder) as regions:
        print(f"filling {estate}", flush=True)
        estate.fill(regions.primary)
        for name, command, run in runs_of(twinlake, regions, folder):
            goal = estate.goals.get(name)
            good = good and (goal is None or run.megabytes < goal)
            rows.append([name, command, f"{run.megabytes:.0f}", goal or "-", f"{run.seconds:.1f}",
                         f"{run.processor:.1f}", f"{run.processor / estate.notebooks * 1e6:.0f}"])
    table(f"Memory, {estate}, no latency, no limits", estate.name,
          ["run", "command", "peak MB", "goal below", "seconds", "processor s", "us per notebook"], rows, results)
    return good


def estates(notebooks):
    """The usual one; the one of the steady state; a very large one, of which only the first sync has a goal."""
    return (Estate("memory", notebooks),
            Estate("memory_steady", 10_000, 1_000, 200, goals={"nothing changed": 120}),
            Estate("memory_large", 100_000, 10_000, size=1_000, goals={"first sync": 300}))
