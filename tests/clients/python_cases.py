"""What the cases of the Python SDK have in common."""

import os
import traceback

from databricks.sdk.errors import DatabricksError

CASES = []
NODE, SPARK = "Standard_DS3_v2", "15.4.x-scala2.12"


def case(function):
    CASES.append(function)
    return function


def same(got, wanted, what):
    assert got == wanted, f"{what}: {got!r}, not {wanted!r}"


def refused(call, error, text):
    """`call` must raise `error` and say `text`."""
    try:
        answer = call()
        if hasattr(answer, "__next__"):  # a listing asks for nothing until it is read
            list(answer)
    except error as problem:
        assert text in str(problem), f"refused with {str(problem)!r}, which lacks {text!r}"
        return problem
    except DatabricksError as problem:
        raise AssertionError(f"{type(problem).__name__} ({problem}) instead of {error.__name__}") from problem
    raise AssertionError(f"was not refused with {error.__name__}: {text}")


def run_cases(client):
    here, failed = os.path.dirname(os.path.abspath(__file__)), 0
    for function in CASES:
        name = function.__name__.strip("_")
        try:
            function(client)
            print(f"ok     {name}", flush=True)
        except Exception as problem:  # one bad case must not hide the others
            failed += 1
            lines = [frame.lineno for frame in traceback.extract_tb(problem.__traceback__) if frame.filename.startswith(here)]
            print(f"FAILED {name}, lines {lines}: {type(problem).__name__}: {problem}", flush=True)
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0
