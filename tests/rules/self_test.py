#!/usr/bin/env python3
"""Proves that a rule can fail: each planted violation must be found, and what is right must pass."""

import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
LICENCE = (HERE.parents[1] / "LICENSE")

# rule -> (right: files that pass, planted: name -> files that must be reported, with the place)
RULES = {
    "layers": (
        {
            "src/base/loop.h": "#include <vector>\n#include \"base/task.h\"\n",
            "src/http/curl.cpp": "#include \"base/loop.h\"\n",
            "src/engine/plan.cpp": "#include \"workspace/inventory.h\"\n// #include \"app/main.h\"\n",
            "src/engine/plan_test.cpp": "#include \"simulator/region.h\"\n",
            "src/kinds/lamp.cpp": "#include \"kinds/places.h\"\n#include \"workspace/workspace.h\"\n",
            "src/kinds/test_side.h": "#include \"simulator/region.h\"\n",
            "src/app/main.cpp": "#include \"simulator/region.h\"\n#include \"engine/plan.h\"\n",
            "tests/e2e/x.cpp": "#include \"app/main.h\"\n#include \"support/lab.h\"\n#include \"near.h\"\n",
            "tests/support/lab.h": "", "tests/e2e/near.h": "",
        },
        {
            "upward": {"src/base/x.h": "\n#include \"engine/plan.h\"\n"},
            "beside": {"src/http/x.h": "#  include \"events/event.h\"\n"},
            "simulator in the product": {"src/engine/x.cpp": "#include \"simulator/region.h\"\n"},
            "simulator looks at rows": {"src/simulator/x.cpp": "#include \"model/kind.h\"\n"},
            "a test of a low room": {"src/state/x_test.cpp": "#include \"engine/plan.h\"\n"},
            "kinds from the engine": {"src/engine/x.cpp": "#include \"kinds/places.h\"\n"},
            "kinds from the app": {"src/app/x.cpp": "#include \"kinds/places.h\"\n"},
            "kinds from a test": {"tests/scenarios/x.cpp": "#include \"kinds/places.h\"\n"},
            "kinds too low": {"src/kinds/x.cpp": "#include \"engine/plan.h\"\n"},
            "a file of no room": {"tests/e2e/y.cpp": "#include \"support/gone.h\"\n"},
            "the code includes the tests": {"src/engine/x.cpp": "#include \"support/lab.h\"\n"},
            "no room said": {"src/state/x.cpp": "#include \"store.h\"\n"},
            "out of the tree": {"src/state/x.cpp": "#include \"../engine/plan.h\"\n"},
            "an unknown room": {"src/cellar/x.cpp": "int x;\n"},
        },
    ),
    "no_kind_names": (
        {
            "src/kinds/lamp.cpp": "", "src/kinds/wall_lamp.cpp": "", "src/kinds/group.cpp": "",
            "src/engine/plan.cpp": "int lamps, clamp; // a group, \"group\"\nint group = 1;\nf(\"groups\");\njson[\"group\"] = 1;\n",
            "src/engine/plan_test.cpp": "f(\"lamp\");\n",
            "src/workspace/x.cpp": "f(\"lamp\");\n",
        },
        {
            "a name": {"src/engine/x.cpp": "if (kind.name == \"lamp\") return;\n"},
            "in a comment": {"src/model/x.h": "// the lamp is special\n"},
            "as an identifier": {"src/state/x.cpp": "int wall_lamp = 1;\n"},
            "an ordinary word as a name": {"src/engine/x.cpp": "if (kind.name == \"group\") return;\n"},
        },
    ),
    "local_names": (
        {
            "src/base/json_path.h": "[[nodiscard]] std::string text_at(const json& from, std::string_view place);\n",
            "src/engine/plan.cpp": "namespace {\nstd::string text_of(const json& from) {\n  return text_at(from, \"/x\");\n}\n}  // namespace\n"
                                   "std::string text_at(int x) {\n  return {};\n}\n",
            "src/engine/plan_test.cpp": "namespace {\nint text_at(int x) {\n  return x;\n}\n}  // namespace\n",
        },
        {
            "the same name": {"src/http/x.cpp": "namespace {\nstd::string text_at(const json& from, const char* key) {\n  return {};\n}\n}  // namespace\n"},
            "further below": {"src/state/x.cpp": "namespace {\nint x() {\n  return 1;\n}\n\nbool text_at(\n    int y) {\n  return true;\n}\n}  // namespace\n"},
        },
    ),
    "co_await_lint": (
        {
            "src/engine/x.cpp": """
Task<void> f() {
  co_await send(post(path, body));
  if (co_await ready()) { go(Millis{1}); }
  for (auto& x : co_await all()) { use(Value{x}); }
  if (auto r = co_await one(); !r) co_return Result{1};
  else { co_await two(); }
  if (co_await ready()) co_return Result{1};
  co_await each(n, [&](int i) -> Task<void> { auto v = Value{i}; co_await one(v); });
  co_await each(n, [] { return Value{1}; });
  auto task = send({1, 2}); co_await std::move(task);
  { co_await inner(); }
  while (co_await more()) { co_await next("{", '{'); }  // co_await send({1})
  try { co_await f(); } catch (...) {}
  Value last{1};
}
auto operator co_await() && { struct Awaiter { int x; }; return Awaiter{1}; }
""",
        },
        {
            "bare braces": {"src/x/a.cpp": "void f() { co_await send({1, 2}); }\n"},
            "a typed value": {"src/x/a.cpp": "void f() { co_await send(Request{1}); }\n"},
            "on another line": {"src/x/a.cpp": "void f() {\n  auto x = co_await send(\n    a, Request{.path = p});\n}\n"},
            "around it": {"src/x/a.cpp": "void f() { Request r{co_await g(), 1}; }\n"},
            "around it, nested": {"src/x/a.cpp": "void f() { Request r{{co_await g()}, 1}; }\n"},
            "after a member access": {"src/x/a.cpp": "void f() { co_await g(a[0]->b, Foo{1}); }\n"},
            "after an operand": {"src/x/a.cpp": "void f() { x = co_await g() == Foo{1}; }\n"},
            "in a condition": {"src/x/a.cpp": "void f() { if (co_await g(Foo{1})) h(); }\n"},
            "in a lambda": {"src/x/a.cpp": "void f() { co_await g([] { co_await h({1}); }); }\n"},
            "returned": {"tests/a.cpp": "void f() { co_return co_await g({}); }\n"},
        },
    ),
    "file_size": (
        {"src/engine/x.cpp": "\n" * 500, "src/state/schema/1.sql": "\n" * 450},
        {"long code": {"src/engine/y.cpp": "\n" * 501}, "long SQL": {"src/state/schema/2.sql": "\n" * 501}},
    ),
    "no_sleep_in_tests": (
        {
            "src/engine/x_test.cpp": "co_await loop.sleep(Millis(5));\nloop_->sleep(x);\nasleep(1);\n",
            "src/engine/x.cpp": "std::this_thread::sleep_for(x);\n",
            "tests/e2e/a.sh": "#!/bin/sh\nsleep 0.1 # sleep-ok: the server's port\n# asleep 3\n",
            "tests/clients/run": "#!/usr/bin/env bash\necho 1\n",
        },
        {
            "sleep_for": {"src/engine/y_test.cpp": "std::this_thread::sleep_for(x);\n"},
            "usleep": {"tests/e2e/y.cpp": "usleep(10);\n"},
            "sleep": {"tests/e2e/y.cpp": "  sleep(1);\n"},
            "python": {"tests/e2e/y.py": "time.sleep(1)\n"},
            "shell": {"tests/e2e/y.sh": "foo; sleep 1\n"},
            "a script without a suffix": {"tests/clients/y": "#!/bin/bash\nsleep 1\n"},
        },
    ),
    "licence": (
        {"LICENSE": LICENCE.read_text(encoding="utf-8"), "src/base/x.h": "#pragma once\n"},
        {
            "a banner": {"src/base/y.h": "// Licensed under the Apache License\n"},
            "an empty licence": {"LICENSE": ""},
            "half a licence": {"LICENSE": LICENCE.read_text(encoding="utf-8")[:5000]},
        },
    ),
}


def write(root, files):
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def run(rule, files):
    """Exit code and words of the rule on a tree of these files."""
    with tempfile.TemporaryDirectory() as folder:
        write(pathlib.Path(folder), files)
        command = [sys.executable, str(HERE / f"{rule}.py"), "--root", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


def main(rule):
    right, planted = RULES[rule]
    failures = []
    code, words = run(rule, right)
    if code != 0:
        failures.append(f"what is right was refused:\n{words}")
    for name, files in planted.items():
        code, words = run(rule, right | files)
        if code != 1 or not any(f"{path}:" in words for path in files) or "Traceback" in words:
            failures.append(f"`{name}` was not found:\n{words}")
    code, words = run(rule, {})
    if code != 1:
        failures.append("an empty tree passed: a wrong folder would, too")
    print("\n".join(failures) or f"{rule}: {len(planted)} planted violations found")
    return 1 if failures else 0


sys.exit(main(sys.argv[1]))
