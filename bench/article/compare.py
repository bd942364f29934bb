"""The article's procedure and `twinlake sync` on the same workspace: the article's own scope."""

import base64
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from harness import Measured, Regions, table, twinlake_words

GOAL_RATIO = 40
CLIENT = "databricks-cli==0.18.0"
# The old command line drops the port of a host, so both listen on port 80.
ADDRESSES = {"primary": "127.0.2.2:80", "secondary": "127.0.2.3:80"}
PROCEDURE = Path(__file__).with_name("procedure.py")


class CannotRun(Exception):
    """The old command line is not to be had here, or its port."""


def install(build):
    """By name, at an exact version, into a folder of the build."""
    folder = Path(build) / "bench-venv"
    program = folder / "bin" / "databricks"
    if not program.exists():
        for words in ([sys.executable, "-m", "venv", folder], [folder / "bin" / "pip", "install", "-q", CLIENT]):
            done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise CannotRun(f"{CLIENT} could not be installed: {(done.stdout + done.stderr).strip()[-300:]}")
    return str(program)


def fill(regions, users, notebooks, clusters, jobs):
    """Users are on both sides already: the article lets people make them by hand."""
    names = [f"engineer-{number:02}@contoso.example" for number in range(users)]
    for region in (regions.primary, regions.secondary):
        region.call_many([("POST", "/api/2.0/preview/scim/v2/Users", {"userName": name}) for name in names], 8)
    primary = regions.primary
    places = [f"/Users/{names[number % users]}/project/step {number}" for number in range(notebooks)]
    primary.call_many([("POST", "/api/2.0/workspace/mkdirs", {"path": f"/Users/{name}/project"}) for name in names], 8)
    primary.call_many([("POST", "/api/2.0/workspace/import", {
        "path": place, "format": "SOURCE", "language": "PYTHON",
        "content": base64.b64encode(f"# Databricks notebook source\nprint('{place}')\n".encode() * 20).decode()})
        for place in places], 16)
    made = primary.call_many([("POST", "/api/2.1/clusters/create", {
        "cluster_name": f"cluster {number}", "spark_version": "15.4.x-scala2.12", "node_type_id": "Standard_DS3_v2",
        "num_workers": 2, "autotermination_minutes": 60}) for number in range(clusters)], 8)
    primary.call_many([("POST", "/api/2.1/jobs/create", {
        "name": f"job {number}",
        "schedule": {"quartz_cron_expression": "0 0 2 * * ?", "timezone_id": "UTC", "pause_status": "UNPAUSED"},
        "tasks": [{"task_key": "main", "existing_cluster_id": made[number % clusters]["cluster_id"],
                   "notebook_task": {"notebook_path": places[number % notebooks]}}]}) for number in range(jobs)], 8)


def outcome(region):
    """What stands in the secondary then, in words."""
    world = region.call("GET", "/sim/world")
    running = sum(cluster.get("state") not in ("TERMINATED", "TERMINATING") for cluster in world["clusters"])
    found = {"jobs": len(world["jobs"]),
             "clusters": len(world["clusters"]), "running": running, "live triggers": len(world["live_job_triggers"])}
    return ", ".join(f"{count} {name}" for name, count in found.items())


def run_article(twinlake, build, scope, latency):
    program = install(build)
    with tempfile.TemporaryDirectory(prefix="twinlake-bench-") as folder:
        try:
            regions = Regions(twinlake, folder, "--latency", latency, **ADDRESSES)
        except RuntimeError as problem:
            raise CannotRun(f"{problem}: port 80 of {' and '.join(ADDRESSES.values())} is needed") from problem
        with regions:
            fill(regions, **scope)
            config = Path(folder) / "old.cfg"
            config.write_text(Path(regions.config).read_text(encoding="utf-8").replace(
                "token", "jobs-api-version = 2.1\ntoken"), encoding="utf-8")
            print("the article's procedure runs: this takes minutes", flush=True)
            run = Measured([sys.executable, str(PROCEDURE), program], DATABRICKS_CONFIG_FILE=str(config))
            return run, outcome(regions.secondary)


def run_twinlake(twinlake, scope, latency):
    with tempfile.TemporaryDirectory(prefix="twinlake-bench-") as folder, \
            Regions(twinlake, folder, "--latency", latency) as regions:
        fill(regions, **scope)
        state = os.path.join(folder, "state")
        environment = {"DATABRICKS_CONFIG_FILE": regions.config, "TWINLAKE_LIMITS": "off"}
        first = Measured(twinlake_words(twinlake, state, "sync"), **environment).expect()
        second = Measured(twinlake_words(twinlake, state, "sync"), **environment).expect()
        Measured(twinlake_words(twinlake, state, "reconcile"), **environment).expect()
        return first, second, outcome(regions.secondary) + ", proved equal"


def measure(twinlake, build, results, latency="50ms", **scope):
    first, second, world = run_twinlake(twinlake, scope, latency)
    rows = [["twinlake sync", f"{first.seconds:.2f}", "1", world],
            ["twinlake sync, nothing changed", f"{second.seconds:.2f}", f"{second.seconds / first.seconds:.2f}", ""]]
    good = True
    try:
        article, article_world = run_article(twinlake, build, scope, latency)
        ratio = article.seconds / first.seconds
        rows.insert(0, ["the article's procedure", f"{article.seconds:.2f}", f"{ratio:.1f}", article_world])
        good = article.code == 0 and ratio >= GOAL_RATIO
    except CannotRun as reason:
        rows.insert(0, ["the article's procedure", "-", "-", "did not run"])
        print(f"did not run: {reason}", file=sys.stderr)
    words = ", ".join(f"{count} {name}" for name, count in scope.items())
    table(f"The article's scope ({words}), {latency} latency, no limits; goal: at least {GOAL_RATIO} times", "article",
          ["run", "seconds", "times of one sync", "the secondary then"], rows, results)
    return good
