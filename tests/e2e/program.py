"""Drives the real program against `twinlake simulate` on loopback. Standard library only."""

import base64
import configparser
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

TWINLAKE = os.environ["TWINLAKE"]
READY_SECONDS = 120  # sanitizer builds on a busy machine


class Region:
    """A simulated region, asked as its admin, or by its remote control."""

    def __init__(self, url, token):
        self.url, self.token = url, token

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method,
                                         data=None if body is None else json.dumps(body).encode())
        request.add_header("Authorization", "Bearer " + self.token)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
            return json.loads(text) if text else {}

    def notebook(self, path, source):
        content = base64.b64encode(("# Databricks notebook source\n" + source).encode()).decode()
        self.call("POST", "/api/2.0/workspace/import",
                  {"path": path, "format": "SOURCE", "language": "PYTHON", "overwrite": True, "content": content})

    def export(self, path):
        answer = self.call("GET", "/api/2.0/workspace/export?format=SOURCE&path=" + path)
        return base64.b64decode(answer["content"]).decode()

    def exists(self, path):
        try:
            self.call("GET", "/api/2.0/workspace/get-status?path=" + path)
            return True
        except urllib.error.HTTPError as problem:
            if problem.code == 404:
                return False
            raise

    def own_file(self, path, document):
        self.call("POST", "/api/2.0/workspace/import",
                  {"path": path, "format": "AUTO", "overwrite": True,
                   "content": base64.b64encode(json.dumps(document).encode()).decode()})

    def small_estate(self):
        self.call("POST", "/api/2.0/workspace/mkdirs", {"path": "/Shared/etl"})
        self.notebook("/Shared/etl/load", "print(1)\n")
        self.notebook("/Shared/etl/clean", "print(2)\n")
        self.call("POST", "/api/2.2/jobs/create", {
            "name": "nightly load",
            "schedule": {"quartz_cron_expression": "0 0 2 * * ?", "timezone_id": "UTC", "pause_status": "UNPAUSED"},
            "tasks": [{"task_key": "main", "notebook_task": {"notebook_path": "/Shared/etl/load"}}]})


class Regions:
    """Two regions served by the program."""

    def __init__(self, folder, *options):
        self.config = os.path.join(folder, "sim.cfg")
        self.process = subprocess.Popen(
            [TWINLAKE, "simulate", "--primary", "127.0.0.1:0", "--secondary", "127.0.0.1:0", "--write-config",
             self.config, "--exit-with-parent", *options],
            stdout=subprocess.PIPE, text=True)
        ready, _, _ = select.select([self.process.stdout], [], [], READY_SECONDS)
        line = self.process.stdout.readline() if ready else ""
        if not line.startswith("ready: "):
            self.process.kill()
            raise RuntimeError("the regions did not start: " + line)
        profiles = configparser.ConfigParser()
        profiles.read(self.config)
        # With --azure the profiles sign in elsewhere; the regions know their own tokens all the same.
        self.primary, self.secondary = (
            Region(profiles[name]["host"], profiles[name].get("token", "dapi-simulated-" + name))
            for name in ("primary", "secondary"))
        if "azure_arm_host" in profiles["primary"]:
            self.azure = Region(profiles["primary"]["azure_arm_host"], "")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.stdout.close()
        return self.process.wait(timeout=60)


class Case(unittest.TestCase):
    """A folder of its own, and two small regions of its own."""

    ESTATE = "empty"
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="twinlake-e2e-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.state = os.path.join(self.folder, "state")
        self.regions = self.make_regions()
        self.addCleanup(self.regions.stop)
        self.primary, self.secondary = self.regions.primary, self.regions.secondary
        if self.ESTATE == "empty":
            self.primary.small_estate()

    def make_regions(self):
        return Regions(self.folder, "--estate", self.ESTATE)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        Path(self.path(name)).write_text(text, encoding="utf-8")
        return self.path(name)

    def assert_kept_nowhere(self, *secrets):
        """In no file of the state is one of them, nor what a token begins with."""
        for name in os.listdir(self.state):
            content = Path(self.state, name).read_bytes()
            for secret in secrets:
                self.assertNotIn(secret.encode(), content, name)
            if ".history." in name:
                # Packed content may happen to have these three bytes.
                self.assertIsNone(re.search(rb"eyJ[\w-]{12,}", content), name)
            else:
                self.assertNotIn(b"eyJ", content, name)

    def environment(self, **more):
        keep = {name: value for name, value in os.environ.items()
                if not name.startswith(("DATABRICKS_", "ARM_", "AZURE_", "IDENTITY_", "XDG_"))
                and not name.endswith(("_CA_BUNDLE", "SSL_CERT_FILE")) and name != "NO_COLOR"}
        return {**keep, "DATABRICKS_CONFIG_FILE": self.regions.config, "HOME": self.folder, **more}

    def command(self, *words):
        return [TWINLAKE, "--primary", "primary", "--secondary", "secondary", "--state", self.state, *words]

    def run_words(self, words, expect, **environment):
        done = subprocess.run(words, capture_output=True, text=True, timeout=300, cwd=self.folder,
                              env=self.environment(**environment), check=False)
        self.assertEqual(done.returncode, expect, f"{words}\n{done.stdout}\n{done.stderr}")
        self.assertNotIn("dapi-", done.stdout + done.stderr, "a token was printed")
        return done

    def twinlake(self, *words, expect=0, **environment):
        return self.run_words(self.command(*words), expect, **environment)

    def twinlake_json(self, *words, expect=0, **environment):
        return json.loads(self.twinlake("-o", "json", *words, expect=expect, **environment).stdout)

    def fails(self, *words, says, hint, expect=1, bare=False, **environment):
        """One clear message with what to do, the same as JSON."""
        start = [TWINLAKE] if bare else self.command()
        done = self.run_words([*start, *words], expect, **environment)
        self.assertIn(says, done.stderr)
        self.assertIn(hint, " ".join(done.stderr.split()))
        self.assertIn("What to do: ", done.stderr)
        self.assertEqual(done.stderr.count("twinlake: "), 1, done.stderr)
        again = self.run_words([*start, "-o", "json", *words], expect, **environment)
        error = json.loads(again.stdout)["error"]
        self.assertIn(says, error["message"])
        self.assertTrue(error["fault"] and error["hint"])
        return error


def wait_until(what, condition, seconds=60):
    """Polls; the only waiting there is."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("did not happen in time: " + what)
        select.select([], [], [], 0.02)


def main():
    unittest.main(module=sys.modules["__main__"], verbosity=2)
