#!/usr/bin/env python3
"""What the founding article does to copy a workspace, written anew: one process of the old command
line per thing, notebooks below /Users, then clusters, then jobs. It is the baseline, so it is kept as
the article has it: schedules are dropped, clusters start, nothing is compared and nothing is granted.

  procedure.py DATABRICKS   with the profiles `primary` and `secondary` of DATABRICKS_CONFIG_FILE
"""

import json
import subprocess
import sys
import tempfile

CLUSTER_FIELDS = ("num_workers", "autoscale", "cluster_name", "spark_version", "spark_conf", "node_type_id",
                  "driver_node_type_id", "custom_tags", "cluster_log_conf", "spark_env_vars",
                  "autotermination_minutes", "enable_elastic_disk")


class Cli:
    def __init__(self, program):
        self.program, self.failed = program, 0

    def __call__(self, profile, *words):
        done = subprocess.run([self.program, *words, "--profile", profile], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.failed += 1
            print(f"failed: {' '.join(words[:2])}: {done.stdout[-200:]}{done.stderr[-200:]}", file=sys.stderr)
        return done.stdout

    def read(self, profile, *words):
        return json.loads(self(profile, *words) or "{}")


def copy_notebooks(cli):
    users = cli("primary", "workspace", "ls", "/Users").split()
    for user in users:
        with tempfile.TemporaryDirectory() as folder:
            cli("primary", "workspace", "export_dir", f"/Users/{user}", folder)
            cli("secondary", "workspace", "import_dir", folder, f"/Users/{user}")


def copy_clusters(cli):
    """The old ids beside the new ones."""
    new_ids = {}
    for listed in cli.read("primary", "clusters", "list", "--output", "JSON").get("clusters", []):
        if listed.get("cluster_source") == "JOB":
            continue
        cluster = cli.read("primary", "clusters", "get", "--cluster-id", listed["cluster_id"])
        wish = {field: cluster[field] for field in CLUSTER_FIELDS if field in cluster}
        made = cli.read("secondary", "clusters", "create", "--json", json.dumps(wish))
        new_ids[listed["cluster_id"]] = made.get("cluster_id")
    return new_ids


def copy_jobs(cli, new_ids):
    for listed in cli.read("primary", "jobs", "list", "--all", "--output", "JSON").get("jobs", []):
        wish = cli.read("primary", "jobs", "get", "--job-id", str(listed["job_id"]))["settings"]
        wish.pop("schedule", None)
        for task in wish.get("tasks", []):
            if task.get("existing_cluster_id") in new_ids:
                task["existing_cluster_id"] = new_ids[task["existing_cluster_id"]]
        cli("secondary", "jobs", "create", "--json", json.dumps(wish))


def main():
    cli = Cli(sys.argv[1])
    copy_notebooks(cli)
    copy_jobs(cli, copy_clusters(cli))
    return 1 if cli.failed else 0


if __name__ == "__main__":
    sys.exit(main())
