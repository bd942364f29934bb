// What a notebook finds in its Python: dbutils, spark.conf, display. It asks the region for
// everything that it does not know itself.
#include <string_view>

#include "simulator/commands/python_process.h"

namespace twinlake::simulator {

namespace {
constexpr std::string_view shim = R"python(
import ast, base64, collections, html, io, json, linecache, os, sys, time, traceback

_requests = os.fdopen(os.dup(0), "r", encoding="utf-8", newline="\n")
_answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
_nothing = os.open(os.devnull, os.O_RDWR)
for _number in (0, 1, 2):
    os.dup2(_nothing, _number)
sys.stdin = open(os.devnull)


class CommandCancelled(BaseException):
    pass


class ExecutionError(Exception):
    pass


def _tell(message):
    _answers.write(json.dumps(message) + "\n")
    _answers.flush()


def _hear():
    line = _requests.readline()
    if not line:
        os._exit(0)
    return json.loads(line)


def _java(name, problem):
    return "An error occurred while calling o389.%s.\n: %s" % (name, problem)


def _ask(function, **arguments):
    _tell({"call": function, "arguments": arguments})
    reply = _hear()
    if reply.get("cancelled"):
        raise CommandCancelled()
    if "error" in reply:
        name = function.split(".")[1]
        raise ExecutionError(_java(name, reply["error"]))
    return reply["value"]


MountInfo = collections.namedtuple("MountInfo", "mountPoint source encryptionType")
SecretMetadata = collections.namedtuple("SecretMetadata", "key")
SecretScope = collections.namedtuple("SecretScope", "name")


class FileInfo(collections.namedtuple("FileInfo", "path name size modificationTime")):
    __slots__ = ()

    def isDir(self):
        return self.path.endswith("/")

    def isFile(self):
        return not self.isDir()


def _mount_wishes(source, point, positional, named):
    """The order of the later parameters has changed over time, and names have two spellings."""
    wishes = {"encryption_type": "", "extra_configs": {}}
    for value in positional:
        wishes["encryption_type" if isinstance(value, str) else "extra_configs"] = value
    spellings = {"encryptionType": "encryption_type", "extraConfigs": "extra_configs"}
    for name, value in named.items():
        name = spellings.get(name, name)
        if name not in ("encryption_type", "extra_configs", "owner"):
            raise TypeError("mount() got an unexpected keyword argument '%s'" % name)
        wishes[name] = value
    wishes["extra_configs"] = {str(k): str(v) for k, v in (wishes["extra_configs"] or {}).items()}
    return dict(wishes, source=source, mount_point=point)


def _point(given, named):
    return given if given is not None else named.pop("mountPoint")


class _Files:
    def mounts(self):
        return [MountInfo(*row) for row in _ask("fs.mounts")]

    def mount(self, source, mount_point=None, *positional, **named):
        point = _point(mount_point, named)
        return _ask("fs.mount", **_mount_wishes(source, point, positional, named))

    def updateMount(self, source, mount_point=None, *positional, **named):
        point = _point(mount_point, named)
        return _ask("fs.updateMount", **_mount_wishes(source, point, positional, named))

    def unmount(self, mount_point=None, **named):
        point = _point(mount_point, named)
        done = _ask("fs.unmount", mount_point=point)
        print("%s has been unmounted." % point)
        return done

    def refreshMounts(self):
        return _ask("fs.refreshMounts")

    def ls(self, path):
        return [FileInfo(*row) for row in _ask("fs.ls", path=path)]

    def head(self, file, max_bytes=65536):
        found = _ask("fs.head", path=file, bytes=max_bytes)
        if found["cut"]:
            print("[Truncated to first %d bytes]" % max_bytes)
        return base64.b64decode(found["data"]).decode("utf-8", "replace")

    def put(self, file, contents, overwrite=False):
        done = _ask("fs.put", path=file, contents=contents, overwrite=overwrite)
        print("Wrote %d bytes." % len(contents.encode("utf-8")))
        return done


class _Secrets:
    def get(self, scope, key):
        return self.getBytes(scope, key).decode("utf-8", "replace")

    def getBytes(self, scope, key):
        return base64.b64decode(_ask("secrets.getBytes", scope=scope, key=key))

    def list(self, scope):
        return [SecretMetadata(key) for key in _ask("secrets.list", scope=scope)]

    def listScopes(self):
        return [SecretScope(name) for name in _ask("secrets.listScopes")]


class _Utilities:
    fs = _Files()
    secrets = _Secrets()


class _Configuration:
    def __init__(self, values):
        self._values = dict(values)

    def get(self, key, *default):
        if key in self._values:
            return self._values[key]
        if default:
            return default[0]
        raise ExecutionError(_java("get", "java.util.NoSuchElementException: " + key))

    def set(self, key, value):
        self._values[key] = str(value)

    def unset(self, key):
        self._values.pop(key, None)


class _Spark:
    pass


def display(value):
    rows = value if isinstance(value, (list, tuple)) else [value]
    for row in rows:
        print(row)


dbutils = _Utilities()
spark = _Spark()
spark.conf = _Configuration(_hear()["conf"])
_space = {"__name__": "__main__", "dbutils": dbutils, "spark": spark, "display": display}
_count = 0


def _execute(code, numbered):
    tree = ast.parse(code, "<command>")
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = ast.Expression(tree.body.pop().value)
    exec(compile(tree, "<command>", "exec"), _space)
    if last is not None:
        value = eval(compile(last, "<command>", "eval"), _space)
        if value is not None:
            print(("Out[%d]: " % _count if numbered else "") + repr(value))


def _clean(text):
    return text.encode("utf-8", "replace").decode("utf-8")


def _failure(problem):
    lines = code.splitlines(True)
    linecache.cache["<command>"] = (len(code), None, lines, "<command>")
    trace = problem.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != "<command>":
        trace = trace.tb_next
    name = type(problem).__name__
    summary = '<span class="ansi-red-fg">%s</span>: %s' % (name, html.escape(str(problem), False))
    lines = traceback.format_exception(type(problem), problem, trace)
    return {"summary": summary, "cause": "".join(lines)}


while True:
    request = _hear()
    code = request["run"]
    _count += 1
    output = io.StringIO()
    sys.stdout = sys.stderr = output
    # Time stands still while a command runs: that of the region, which may not be ours.
    time.time = lambda: request["now"] / 1000
    time.sleep = lambda seconds: None
    error = None
    try:
        _execute(code, request["numbered"])
    except BaseException as problem:
        error = _failure(problem)
    if error is not None:
        error = {name: _clean(text) for name, text in error.items()}
    _tell({"output": _clean(output.getvalue()), "error": error})
)python";
}  // namespace

const std::string& python_shim() {
  static const std::string text(shim);
  return text;
}

}  // namespace twinlake::simulator
