"""Bad input: one clear message with what to do, exit 1, nothing lost, nothing half written."""

import os
import resource
import socket
import subprocess

from program import TWINLAKE, Case, main


def closed_port(case):
    """Stays closed: were it only unused, another test's server could take it, or a connection could meet itself."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    case.addCleanup(taken.close)
    return taken.getsockname()[1]


class Workspaces(Case):
    def config(self, host=None, token=None, name="secondary"):
        """The configuration of the regions with one thing of one profile replaced."""
        text = ""
        for profile, region in (("primary", self.primary), ("secondary", self.secondary)):
            wrong = profile == name
            text += (f"[{profile}]\nhost = {host if wrong and host else region.url}\n"
                     f"token = {token if wrong and token else region.token}\n")
        return {"DATABRICKS_CONFIG_FILE": self.write("other.cfg", text)}

    def fails_everywhere(self, says, hint, **environment):
        for command in ("plan", "sync", "reconcile"):
            self.fails(command, says=says, hint=hint, **environment)
        self.assertFalse(os.path.exists(self.state), "a wrong profile must leave no state behind")
        self.assertFalse(self.secondary.exists("/Twinlake"))

    def test_a_profile_that_is_not_there(self):
        error = self.fails("--secondary", "prod-neu", "plan", says="there is no profile prod-neu", hint="primary")
        self.assertEqual(error["fault"], "config")
        self.assertFalse(os.path.exists(self.state))

    def test_no_configuration_file(self):
        self.fails("plan", says="there is no /nonexistent/cfg", hint="DATABRICKS_CONFIG_FILE",
                   DATABRICKS_CONFIG_FILE="/nonexistent/cfg")

    def test_a_wrong_token(self):
        self.fails_everywhere("the secondary workspace (profile `secondary`, ", "make a new one",
                              **self.config(token="dose-wrong"))

    def short_token(self):
        self.secondary.call("POST", "/sim/credentials",
                            {"token": "dose-short", "principal": "replicator@twinlake.example"})
        return self.config(token="dose-short")

    def test_a_token_that_has_expired(self):
        environment = self.short_token()
        self.secondary.call("POST", "/sim/faults", {"action": "expire_token", "path": "*/Me"})
        self.fails_everywhere("it has expired", "make a new one", **environment)

    def test_a_token_that_expires_during_a_run(self):
        environment = self.short_token()
        self.secondary.call("POST", "/sim/faults",
                            {"action": "expire_token", "method": "POST", "path": "/api/2.0/workspace/import"})
        done = self.run_words(self.command("sync"), 1, **environment)
        self.assertIn("expired", done.stdout + done.stderr)
        self.assertIn("make a new one", " ".join((done.stdout + done.stderr).split()))
        # With a new token everything goes on where it was.
        self.secondary.call("DELETE", "/sim/faults")
        self.twinlake("sync")
        self.assertTrue(self.twinlake_json("reconcile")["in_sync"])
        self.assertEqual(len(self.secondary.call("GET", "/api/2.2/jobs/list")["jobs"]), 1)

    def test_a_host_that_cannot_be_reached(self):
        self.fails_everywhere("the secondary workspace", "Check `host` in the profile",
                              **self.config(host=f"http://127.0.0.1:{closed_port(self)}"))

    def test_a_host_that_does_not_exist(self):
        self.fails("plan", says="the primary workspace", hint="Check `host` in the profile",
                   **self.config(host="https://no-such-host.invalid", name="primary"))

    def test_plain_http_to_another_machine(self):
        self.fails("plan", says="http", hint="https", **self.config(host="http://workspace.example"))

    def test_a_login_page(self):
        self.secondary.call("POST", "/sim/faults", {"action": "html", "path": "*/Me", "times": 0})
        self.fails_everywhere("the secondary workspace", "private endpoint")

    def test_broken_json(self):
        self.secondary.call("POST", "/sim/faults", {"action": "truncate", "path": "*/Me", "times": 0})
        self.fails("plan", says="the secondary workspace", hint="")

    def test_the_same_workspace_twice(self):
        self.fails("plan", says="same workspace", hint="other region",
                   **self.config(host=self.primary.url, token=self.primary.token))
        self.fails("--secondary", "primary", "plan", says="same profile", hint="other region")

    def test_no_profile_at_all(self):
        done = self.run_words([TWINLAKE, "plan"], 1)
        self.assertIn("not said which workspace is the primary", done.stderr)


class Places(Case):
    def test_a_state_folder_that_cannot_be_made(self):
        self.write("file", "")
        self.fails("--state", self.path("file/state"), "sync", says="cannot make the folder", hint="--state")
        self.assertFalse(self.secondary.exists("/Shared/etl"))

    def test_a_read_only_state_folder(self):
        self.twinlake("sync")
        ordinary = {}
        if os.geteuid() == 0:  # root may write everywhere
            ordinary = {"user": 65534, "group": 65534, "extra_groups": []}
            os.chmod(self.folder, 0o755)
            os.chmod(self.regions.config, 0o644)
            for name in (".", *os.listdir(self.state)):
                os.chown(os.path.join(self.state, name), 65534, 65534)
        os.chmod(self.state, 0o500)
        for name in os.listdir(self.state):
            os.chmod(os.path.join(self.state, name), 0o400)
        for command in ("plan", "sync"):
            done = subprocess.run(self.command(command), capture_output=True, text=True, timeout=300, cwd=self.folder,
                                  env=self.environment(), check=False, **ordinary)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("cannot ", done.stderr)
            self.assertIn("What to do: ", done.stderr)
        self.assertFalse(self.secondary.exists("/Twinlake/default/lock.json"))

    def test_a_full_disk(self):
        """Fails while the state is being written, whatever the moment; nothing is lost by it."""
        for size in (2_000, 60_000, 120_000, 200_000):
            def limit(size=size):
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            self.state = self.path(f"state-{size}")
            done = subprocess.run(self.command("sync"), capture_output=True, text=True, timeout=300, cwd=self.folder,
                                  env=self.environment(), preexec_fn=limit, check=False)
            self.assertIn(done.returncode, (0, 1), done.stderr)
            if done.returncode == 1:
                self.assertEqual(done.stderr.count("twinlake: "), 1, done.stderr)
                self.assertIn("What to do: ", done.stderr)
            self.assertFalse(self.secondary.exists("/Twinlake/default/lock.json"))
        self.state = self.path("state-2000")
        self.twinlake("sync")
        self.assertTrue(self.twinlake_json("reconcile")["in_sync"])

    def test_a_plan_that_cannot_be_written(self):
        self.fails("plan", "--out", self.path("no/such/folder/p.json"), says="cannot write", hint="Make its folder first")
        self.fails("plan", "--out", "/proc/p.json", says="cannot write", hint="another place")

    def test_standard_output_on_a_full_disk(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run(self.command("plan"), stdout=full, stderr=subprocess.PIPE, text=True, timeout=300,
                                  cwd=self.folder, env=self.environment(), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("standard output could not be written", done.stderr)

    def test_files_that_are_no_plans(self):
        self.fails("sync", "--plan", self.path("none.json"), says="there is no file", hint="plan --out")
        self.fails("sync", "--plan", self.write("p.json", "{}"), says="is not a saved plan", hint="plan --out")


class CommandLine(Case):
    def bare(self, *words, says, hint, expect=1):
        self.fails(*words, says=says, hint=hint, expect=expect, bare=True)

    def test_unknown_words(self):
        self.bare("--primry", "x", "plan", says="no option `--primry`", hint="Did you mean `--primary`?")
        self.bare("recncile", says="no command `recncile`", hint="Did you mean `reconcile`?")
        self.bare("plan", "--outt", "x", says="`twinlake plan` has no option `--outt`", hint="Did you mean `--out`?")
        self.bare("simulate", "--estate", "big", says="--estate", hint="--help")
        self.bare("simulate", "--primary", "0.0.0.0:80", says="not on this machine", hint="loopback")
        self.bare("simulate", "--primary", "nonsense", says="is no address", hint="ADDRESS:PORT")
        self.bare("simulate", "--latency", "fast", says="is no time", hint="50ms")
        self.bare("ids", "--kind", "jobs", says="no kind `jobs`", hint="Did you mean `job`?")

    def test_help_everywhere(self):
        for words in ((), ("plan",), ("sync",), ("reconcile",), ("status",), ("ids",), ("kinds",), ("simulate",),
                      ("state",), ("state", "check"), ("state", "rebuild"), ("completion",)):
            text = self.run_words([TWINLAKE, *words, "--help"], 0).stdout
            self.assertIn("Exit codes:", text)
            self.assertIn("10  not ready for failover", text)
            self.assertTrue(all(len(line) <= 100 for line in text.splitlines()), text)
        self.assertRegex(self.run_words([TWINLAKE, "--version"], 0).stdout, r"^twinlake \d+\.\d+\.\d+\n$")

    def test_completion_is_a_script_that_the_shell_accepts(self):
        script = self.run_words([TWINLAKE, "completion", "bash"], 0).stdout
        words = "\n".join((script, 'COMP_WORDS=(twinlake pl); COMP_CWORD=1; _twinlake; echo "${COMPREPLY[@]}"',
                           'COMP_WORDS=(twinlake ids --format ""); COMP_CWORD=3; _twinlake; echo "${COMPREPLY[@]}"',
                           'COMP_WORDS=(twinlake state re); COMP_CWORD=2; _twinlake; echo "${COMPREPLY[@]}"'))
        done = subprocess.run(["bash", "-c", words], capture_output=True, text=True, timeout=60, check=True)
        self.assertEqual(done.stdout.splitlines(), ["plan", "table csv json", "rebuild"])
        self.assertEqual(done.stderr, "")

    def test_a_port_that_is_taken(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            self.bare("simulate", "--estate", "empty", "--primary", f"127.0.0.1:{port}", "--secondary", "127.0.0.1:0",
                      says="cannot listen", hint="free port")

    def test_a_configuration_that_cannot_be_written(self):
        self.bare("simulate", "--estate", "empty", "--primary", "127.0.0.1:0", "--secondary", "127.0.0.1:0",
                  "--write-config", "/no/such/folder/sim.cfg", says="cannot write", hint="Make its folder first")


class Groups(Case):
    GROUP = "groups:\n  main:\n    primary: primary\n    secondary: secondary\n"

    def bare(self, *words, says, hint):
        self.fails(*words, says=says, hint=hint, bare=True)

    def test_malformed_files_are_told_with_line_and_column(self):
        self.write("twinlake.yml", self.GROUP + "    scope:\n      exclud: []\n")
        self.bare("plan", says="twinlake.yml:6:7: `scope` has no key `exclud`", hint="Did you mean `exclude`?")
        self.write("twinlake.yml", self.GROUP + "    scope: [\n")
        self.bare("plan", says="twinlake.yml:6:1: it is not YAML", hint="indentation")
        self.bare("--config", self.path("none.yml"), "plan", says="there is no file", hint="--config")

    def test_a_group_replaces_the_flags(self):
        self.write("twinlake.yml", self.GROUP + f"    state: {self.state}\n    scope:\n      exclude: [{{kind: job}}]\n")
        self.run_words([TWINLAKE, "sync"], 0)
        self.assertNotIn("jobs", {k for k, v in self.secondary.call("GET", "/api/2.2/jobs/list").items() if v})
        self.assertTrue(self.secondary.exists("/Twinlake/main/state.json"))
        self.assertTrue(os.path.exists(os.path.join(self.state, "main.sqlite")))
        self.bare("--group", "man", "plan", says="no group `man`", hint="Did you mean `main`?")

    def test_with_two_groups_one_must_be_named(self):
        self.write("twinlake.yml", self.GROUP + self.GROUP.replace("groups:\n", "").replace("main", "other"))
        self.bare("plan", says="2 failover groups", hint="main, other")


if __name__ == "__main__":
    main()
