"""Runs commands for the harness and tells what they took.

A process of its own, started while the harness is small: the peak memory of a child counts from what its parent had when
it was started, and the harness has held the estate by then. One line of JSON for each command, and one for its end.
"""

import json
import os
import subprocess
import sys

for line in sys.stdin:
    order = json.loads(line)
    with open(order["output"], "w", encoding="utf-8") as output, open(order["errors"], "w", encoding="utf-8") as errors:
        process = subprocess.Popen(order["words"], stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                                   env=order["environment"])
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    print(json.dumps({"code": process.returncode, "processor": usage.ru_utime + usage.ru_stime,
                      "kilobytes": usage.ru_maxrss}), flush=True)
