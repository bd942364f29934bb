"""Two simulated regions in a process of their own, and the program measured in another one."""

import configparser
import csv
import http.client
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from threading import local
from urllib.parse import urlparse

READY_SECONDS = 60


class Region:
    """A simulated region, asked as its admin over connections that stay open."""

    def __init__(self, url, token):
        self.url, self.token = url, token
        self._threads = local()

    def call(self, method, path, body=None):
        connection = getattr(self._threads, "connection", None)
        if connection is None:
            parts = urlparse(self.url)
            connection = self._threads.connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=60)
        connection.request(method, path, None if body is None else json.dumps(body),
                           {"Authorization": "Bearer " + self.token, "Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
        return json.loads(text) if text else {}

    def call_many(self, calls, width):
        """Calls that do not depend on each other; the answers in their order.

        In portions: a process that is started counts its starter's memory of that moment as its own.
        """
        answers, calls = [], iter(calls)
        with ThreadPoolExecutor(width) as pool:
            while portion := list(islice(calls, 200)):
                answers += pool.map(lambda call: self.call(*call), portion)
        return answers


class Regions:
    """`twinlake simulate`, ended with the block."""

    def __init__(self, twinlake, folder, *options, primary="127.0.0.1:0", secondary="127.0.0.1:0"):
        self.config = os.path.join(folder, "regions.cfg")
        self.process = subprocess.Popen(
            [twinlake, "simulate", "--primary", primary, "--secondary", secondary, "--estate", "empty",
             "--write-config", self.config, "--exit-with-parent", *options], stdout=subprocess.PIPE, text=True)
        ready, _, _ = select.select([self.process.stdout], [], [], READY_SECONDS)
        line = self.process.stdout.readline() if ready else ""
        if not line.startswith("ready: "):
            self.process.kill()
            raise RuntimeError("the simulated regions did not start")
        profiles = configparser.ConfigParser()
        profiles.read(self.config)
        self.primary, self.secondary = (Region(profiles[name]["host"], profiles[name]["token"])
                                        for name in ("primary", "secondary"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.stdout.close()
        self.process.wait(timeout=60)


LAUNCHER = subprocess.Popen([sys.executable, "-B", str(Path(__file__).with_name("launcher.py"))], text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def launched(order):
    LAUNCHER.stdin.write(json.dumps(order) + "\n")
    LAUNCHER.stdin.flush()
    told = LAUNCHER.stdout.readline()
    if not told:
        raise RuntimeError(f"{order['words'][0]} could not be run")
    return json.loads(told)


class Measured:
    """One run of a command: seconds by the clock and of the processor, peak memory, output."""

    def __init__(self, words, **environment):
        keep = {name: value for name, value in os.environ.items()
                if not name.startswith(("DATABRICKS_", "ARM_", "TWINLAKE_"))}
        with tempfile.TemporaryDirectory(prefix="twinlake-run-") as folder:
            output, errors = Path(folder) / "output", Path(folder) / "errors"
            started = time.monotonic()
            ended = launched({"words": [str(word) for word in words], "environment": {**keep, **environment},
                              "output": str(output), "errors": str(errors)})
            self.seconds = time.monotonic() - started
            self.output, self.errors = output.read_text(encoding="utf-8"), errors.read_text(encoding="utf-8")
        self.code = ended["code"]
        self.processor = ended["processor"]
        self.megabytes = ended["kilobytes"] / 1024

    def expect(self, code=0):
        if self.code != code:
            raise RuntimeError(f"exit code {self.code}:\n{self.output[-2000:]}\n{self.errors[-2000:]}")
        return self


def twinlake_words(twinlake, state, *words):
    return [twinlake, "--primary", "primary", "--secondary", "secondary", "--state", state, "-o", "json", *words]


def table(title, name, head, rows, results):
    """To stdout for people, to results/NAME.csv for programs."""
    lines = [head, *rows]
    widths = [max(len(str(line[i])) for line in lines) for i in range(len(head))]
    print(f"\n{title}\n")
    for line in lines:
        print("  ".join(str(cell).ljust(width) if i == 0 else str(cell).rjust(width)
                        for i, (cell, width) in enumerate(zip(line, widths))).rstrip())
    with open(Path(results) / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)
