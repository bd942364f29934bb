"""Cases of the Python SDK for what lies outside the tree: files, secrets, scripts, settings, and what runs."""

import base64
import io

from databricks.sdk.errors import (BadRequest, DatabricksError, NotFound, PermissionDenied, ResourceAlreadyExists,
                                   ResourceConflict)
from databricks.sdk.service import catalog, compute, settings, sql, workspace

from python_cases import NODE, SPARK, case, refused, same

MEGABYTE = 1 << 20
ODD = "#1 50% ü?.bin"  # a name that has to be encoded


def some_bytes(size):
    return bytes(range(256)) * (size // 256) + b"end"


# --- files


@case
def dbfs(w):
    folder, content = "/FileStore/py", some_bytes(2 * MEGABYTE)
    w.dbfs.mkdirs(folder)
    for name, some in (("large.bin", content), (ODD, b"x"), ("empty", b"")):
        with w.dbfs.open(f"{folder}/{name}", write=True) as file:
            file.write(some)
        with w.dbfs.open(f"{folder}/{name}", read=True) as file:
            same(file.read(MEGABYTE) if some else b"", some[:MEGABYTE], f"the first block of {name}")
        same(w.dbfs.get_status(f"{folder}/{name}").file_size, len(some), f"the size of {name}")
    with w.dbfs.download(f"{folder}/large.bin") as file:
        read = b""
        while piece := file.read(MEGABYTE):
            read += piece
    same(read == content, True, "a file of three blocks comes out as it went in")
    same(sorted(each.path for each in w.dbfs.list(folder)), sorted(f"{folder}/{name}" for name in ("large.bin", ODD, "empty")),
         "the listing")
    refused(lambda: w.dbfs.create(f"{folder}/empty", overwrite=False), ResourceAlreadyExists, "already exists")
    w.dbfs.move(f"dbfs:{folder}/empty", f"dbfs:{folder}/moved")
    refused(lambda: w.dbfs.get_status(f"{folder}/empty"), NotFound, "empty")
    refused(lambda: w.dbfs.read(f"{folder}/large.bin", length=2 * MEGABYTE), BadRequest, "")
    refused(lambda: w.dbfs.list("/FileStore/none"), NotFound, "none")
    w.dbfs.delete(folder, recursive=True)
    refused(lambda: w.dbfs.get_status(folder), NotFound, "py")


@case
def volumes_and_files(w):
    w.catalogs.create("py")
    w.schemas.create("raw", "py")
    made = w.volumes.create("py", "raw", "files", catalog.VolumeType.MANAGED)
    same((made.full_name, [each.name for each in w.volumes.list("py", "raw")]), ("py.raw.files", ["files"]), "the volume")
    refused(lambda: w.volumes.create("py", "raw", "files", catalog.VolumeType.MANAGED), DatabricksError, "already exists")
    root, content = "/Volumes/py/raw/files", some_bytes(MEGABYTE)
    w.files.create_directory(f"{root}/deep/er")
    for name in ("plain.bin", ODD):
        w.files.upload(f"{root}/deep/{name}", io.BytesIO(content), overwrite=False)
        same(w.files.download(f"{root}/deep/{name}").contents.read() == content, True, f"{name} as it was sent")
        same(w.files.get_metadata(f"{root}/deep/{name}").content_length, len(content), f"the size of {name}")
        refused(lambda some=name: w.files.upload(f"{root}/deep/{some}", io.BytesIO(b"x"), overwrite=False),
                DatabricksError, "already exists")
    w.files.upload(f"{root}/deep/empty", io.BytesIO(b""), overwrite=True)
    same(w.files.download(f"{root}/deep/empty").contents.read(), b"", "a file of no bytes")
    same(sorted((each.name, bool(each.is_directory)) for each in w.files.list_directory_contents(f"{root}/deep", page_size=1)),
         sorted([("er", True), ("plain.bin", False), (ODD, False), ("empty", False)]), "the folder in pages of 1")
    refused(lambda: w.files.delete_directory(f"{root}/deep"), DatabricksError, "")
    w.files.delete(f"{root}/deep/plain.bin")
    refused(lambda: w.files.download(f"{root}/deep/plain.bin"), NotFound, "")
    refused(lambda: w.files.get_metadata("/Volumes/py/raw/none/x"), NotFound, "")
    w.volumes.delete("py.raw.files")
    refused(lambda: w.volumes.read("py.raw.files"), NotFound, "files")


# --- secrets, scripts, settings


@case
def secrets(w):
    group = w.groups.create(display_name="secret readers").display_name
    w.secrets.create_scope("py")
    w.secrets.put_secret("py", "text", string_value="pässwörd")
    w.secrets.put_secret("py", "bytes", bytes_value=base64.b64encode(b"\x00\xff").decode())
    for key, wanted in (("text", "pässwörd".encode()), ("bytes", b"\x00\xff")):
        same(base64.b64decode(w.secrets.get_secret("py", key).value), wanted, key)
    listed = {each.key: each.last_updated_timestamp for each in w.secrets.list_secrets("py")}
    same((sorted(listed), all(listed.values())), (["bytes", "text"], True), "the listing, with times and without values")
    refused(lambda: w.secrets.put_secret("py", "large", string_value="x" * (128 * 1024 + 1)), DatabricksError, "")
    refused(lambda: w.secrets.put_secret("none", "a", string_value="x"), NotFound, "none")
    w.secrets.put_acl("py", group, workspace.AclPermission.READ)
    same(w.secrets.get_acl("py", group).permission, workspace.AclPermission.READ, "what was granted")
    same({each.principal: each.permission.value for each in w.secrets.list_acls("py")},
         {group: "READ", w.current_user.me().user_name: "MANAGE"}, "the list, its maker included")
    w.secrets.delete_acl("py", group)
    refused(lambda: w.secrets.get_acl("py", group), NotFound, "")
    refused(lambda: w.secrets.put_acl("py", "nobody at all", workspace.AclPermission.READ), DatabricksError, "nobody at all")
    w.secrets.delete_secret("py", "text")
    refused(lambda: w.secrets.get_secret("py", "text"), NotFound, "text")
    w.secrets.delete_scope("py")


@case
def global_init_scripts(w):
    def encoded(text):
        return base64.b64encode(text.encode()).decode()

    made = [w.global_init_scripts.create(name, encoded(f"echo {name}"), enabled=name == "b").script_id for name in "abc"]
    read = w.global_init_scripts.get(made[1])
    same((read.name, base64.b64decode(read.script).decode(), read.enabled, read.position), ("b", "echo b", True, 1), "a script")
    w.global_init_scripts.update(made[2], "c 2", encoded("echo 2"), position=0)
    listed = sorted(w.global_init_scripts.list(), key=lambda each: each.position)
    same([each.name for each in listed], ["c 2", "a", "b"], "their order")
    refused(lambda: w.global_init_scripts.create("large", encoded("x" * (64 * 1024 + 1))), BadRequest, "64")
    for each in made:
        w.global_init_scripts.delete(each)
    refused(lambda: w.global_init_scripts.get(made[0]), NotFound, made[0])


@case
def ip_access_lists(w):
    allow = settings.ListType.ALLOW
    made = w.ip_access_lists.create("office", allow, ip_addresses=["203.0.113.0/24", "127.0.0.1"]).ip_access_list
    same((made.label, made.address_count, made.enabled), ("office", 2, True), "the list")
    w.ip_access_lists.replace(made.list_id, "office 2", allow, False, ip_addresses=["203.0.113.0/24"])
    w.ip_access_lists.update(made.list_id, label="office 3")
    read = w.ip_access_lists.get(made.list_id).ip_access_list
    same((read.label, read.ip_addresses, read.enabled), ("office 3", ["203.0.113.0/24"], False), "after two changes")
    same([each.list_id for each in w.ip_access_lists.list()], [made.list_id], "the listing")
    refused(lambda: w.ip_access_lists.create("bad", allow, ip_addresses=["not an address"]), BadRequest, "")
    w.ip_access_lists.delete(made.list_id)
    refused(lambda: w.ip_access_lists.get(made.list_id), NotFound, made.list_id)


@case
def workspace_conf(w):
    w.workspace_conf.set_status({"maxTokenLifetimeDays": "90"})
    same(w.workspace_conf.get_status("maxTokenLifetimeDays")["maxTokenLifetimeDays"], "90", "a switch")
    refused(lambda: w.workspace_conf.set_status({"noSuchSwitch": "true"}), BadRequest, "noSuchSwitch")


@case
def settings_with_a_type(w):
    unset = refused(lambda: w.settings.default_namespace.get(), NotFound, "")
    etag = unset.get_error_info()[0].metadata["etag"]
    wanted = settings.DefaultNamespaceSetting(namespace=settings.StringMessage("main"), etag=etag, setting_name="default")
    made = w.settings.default_namespace.update(True, wanted, "namespace.value")
    same(w.settings.default_namespace.get().namespace.value, "main", "the namespace")
    refused(lambda: w.settings.default_namespace.update(True, wanted, "namespace.value"), ResourceConflict, "etag")
    w.settings.default_namespace.delete(etag=made.etag)
    refused(lambda: w.settings.default_namespace.get(), NotFound, "")
    names = [each.name for each in w.workspace_settings_v2.list_workspace_settings_metadata(page_size=3)]
    same(len(set(names)), len(names), "names of settings in pages of 3, each once")
    assert "restrict_workspace_admins" in names, names


@case
def tokens(w):
    made = w.tokens.create(comment="py", lifetime_seconds=3600)
    same([each.comment for each in w.tokens.list() if each.token_id == made.token_info.token_id], ["py"], "one's own tokens")
    assert made.token_info.token_id in [each.token_id for each in w.token_management.list()], "tokens of everybody"
    w.tokens.delete(made.token_info.token_id)
    refused(lambda: w.tokens.delete(made.token_info.token_id), NotFound, "")


@case
def git(w):
    credential = w.git_credentials.create("gitHub", git_username="ana", personal_access_token="ghp_secret")
    same([(each.git_provider, each.git_username) for each in w.git_credentials.list()], [("gitHub", "ana")], "the credential")
    url = "https://github.com/example/core"
    w.api_client.do("POST", "/sim/git/remotes", body={"url": url, "branches": {"main": "a" * 40, "release": "b" * 40}})
    w.workspace.mkdirs("/Repos/py")
    made = w.repos.create(url, "gitHub", path="/Repos/py/core")
    same((made.branch, made.path), ("main", "/Repos/py/core"), "the clone")
    w.repos.update(made.id, branch="release")
    same(w.repos.get(made.id).branch, "release", "another branch")
    same([each.id for each in w.repos.list(path_prefix="/Repos/py")], [made.id], "the listing")
    refused(lambda: w.repos.update(made.id, branch="no-such-branch"), DatabricksError, "no-such-branch")
    refused(lambda: w.repos.create(url, "gitHub", path="/Repos/py/core"), DatabricksError, "")
    w.repos.delete(made.id)
    refused(lambda: w.repos.get(made.id), NotFound, "")
    w.git_credentials.delete(credential.credential_id)


# --- what runs


@case
def statements(w):
    warehouse = next(iter(w.warehouses.list())).id

    def ask(text, **more):
        return w.statement_execution.execute_statement(text, warehouse, wait_timeout="30s", **more)

    ask("CREATE SCHEMA hive_metastore.py_sdk")
    ask("CREATE TABLE hive_metastore.py_sdk.t (a INT, b STRING)")
    shown = ask("SHOW TABLES IN hive_metastore.py_sdk")
    same(shown.status.state, sql.StatementState.SUCCEEDED, "the state")
    assert "t" in shown.result.data_array[0], shown.result.data_array
    same(w.statement_execution.get_statement(shown.statement_id).status.state, sql.StatementState.SUCCEEDED, "asked again")
    failed = ask("SELECT * FROM hive_metastore.py_sdk.none")
    same(failed.status.state, sql.StatementState.FAILED, "a wrong statement is no error of HTTP")
    assert failed.status.error.message, "it says why"
    refused(lambda: w.statement_execution.execute_statement("SELECT 1", "no-warehouse"), DatabricksError, "no-warehouse")
    refused(lambda: w.statement_execution.get_statement("no-statement"), NotFound, "")
    ask("DROP SCHEMA hive_metastore.py_sdk CASCADE")


@case
def commands(w):
    cluster = w.clusters.create(SPARK, cluster_name="commands", node_type_id=NODE, num_workers=1).result().cluster_id
    context = w.command_execution.create(cluster_id=cluster, language=compute.Language.PYTHON).result().id

    def run(code):
        return w.command_execution.execute(cluster_id=cluster, context_id=context, language=compute.Language.PYTHON,
                                           command=code).result().results

    same(run("x = 6 * 7\nprint(x)").data.strip(), "42", "what was printed")
    same(run("print(x + 1)").data.strip(), "43", "a context remembers")
    failed = run("raise ValueError('no luck')")
    same(failed.result_type, compute.ResultType.ERROR, "what went wrong")
    assert "no luck" in failed.cause, failed.cause
    w.command_execution.destroy(cluster, context)
    refused(lambda: w.command_execution.context_status(cluster, context), DatabricksError, "")
    w.clusters.permanent_delete(cluster)
    refused(lambda: w.command_execution.create(cluster_id=cluster, language=compute.Language.PYTHON), DatabricksError, "")


@case
def refused_to_others(w):
    """What only admins may do, asked for by somebody else."""
    name = "plain@lakeside.example"
    w.users_v2.create(user_name=name)
    w.api_client.do("POST", "/sim/credentials", body={"token": "dapi-plain", "principal": name})
    plain = type(w)(host=w.config.host, token="dapi-plain", config_file="/dev/null")
    refused(lambda: plain.global_init_scripts.create("x", "eA=="), PermissionDenied, "")
    refused(lambda: plain.ip_access_lists.list(), PermissionDenied, "")
    refused(lambda: plain.workspace_conf.set_status({"maxTokenLifetimeDays": "1"}), PermissionDenied, "")
    w.secrets.create_scope("closed")
    refused(lambda: plain.secrets.list_secrets("closed"), PermissionDenied, "closed")
    w.secrets.delete_scope("closed")
