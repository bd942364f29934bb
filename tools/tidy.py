#!/usr/bin/env python3
"""clang-tidy over src/, as `./test --only tidy` runs it; nothing is compiled.

Most of the time of clang-tidy goes into the headers, which each file brings along again. So files of
one room are given to it a dozen at a time, as one file that includes them. Where that does not compile
(two files may give the same name to a helper of theirs) they are taken one by one.

Usage: tools/tidy.py BUILD_FOLDER [FILE...]
  BUILD_FOLDER  a folder that cmake has configured; it needs no build, but no precompiled headers either
  FILE          only these, one by one; also tests can be named. Without: all of src/ but the tests
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BATCH = 12
FINDING = re.compile(r"^(\S+?:\d+:\d+): (?:warning|error): (.*)$", re.MULTILINE)


def commands(folder):
    """What decides the meaning of each file; warnings are the build's business."""
    flags = {}
    for entry in json.loads((folder / "compile_commands.json").read_text()):
        words = shlex.split(entry["command"])
        kept = [
            word
            for before, word in zip(words, words[1:])
            if word.startswith(("-D", "-I", "-std=", "-isystem")) or before == "-isystem"
        ]
        flags[pathlib.Path(entry["file"])] = kept
    return flags


def batches(flags):
    """Files with the same flags, in the same room; large rooms make several batches."""
    rooms = {}
    for file in sorted(flags):
        parts = file.relative_to(ROOT).parts if file.is_relative_to(ROOT) else ("generated",)
        if parts[0] != "src" or file.name.endswith("_test.cpp"):
            continue
        rooms.setdefault((parts[1], tuple(flags[file])), []).append(file)
    for files in rooms.values():
        # Kinds name their parts alike, on purpose.
        size = 1 if files[0].parent.name == "kinds" else BATCH
        for first in range(0, len(files), size):
            yield files[first : first + size]


def run(file, flags):
    command = ["clang-tidy-19", "--quiet", f"--config-file={ROOT}/.clang-tidy", str(file), "--", *flags]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def check(folder, files, flags):
    """What clang-tidy prints about these files."""
    if len(files) > 1:
        batch = folder / "batches" / f"{files[0].parent.name}_{files[0].stem}.cpp"
        batch.parent.mkdir(exist_ok=True)
        batch.write_text("".join(f'#include "{file}"\n' for file in files))
        _, out, _ = run(batch, flags)
        if "[clang-diagnostic-error]" not in out:
            return out
    text = ""
    for file in files:
        status, out, problem = run(file, flags)
        text += out
        if status != 0 and not FINDING.search(out):
            text += f"{file}:1:1: error: clang-tidy failed: {problem}\n"
    return text


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        print(__doc__)
        return 0 if sys.argv[1:] in (["-h"], ["--help"]) else 1
    folder = pathlib.Path(sys.argv[1]).resolve()
    flags = commands(folder)
    named = [[pathlib.Path(name).resolve()] for name in sys.argv[2:]]
    work = named or sorted(batches(flags), key=len, reverse=True)  # the longest first
    findings = set()  # a header is seen from many files
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(check, folder, files, flags[files[0]]) for files in work]
        for job in concurrent.futures.as_completed(jobs):
            text = job.result()
            new = set(FINDING.findall(text)) - findings
            findings |= new
            if new:
                print(text, flush=True)
    print(f"{len(findings)} findings in {sum(map(len, work))} files")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
