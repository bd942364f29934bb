"""A recovery plan, as an operator writes it: a program, a service that is called, a person who is asked."""

import json
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from program import TWINLAKE, Case, main, wait_until

GROUP = "groups:\n  default:\n    primary: primary\n    secondary: secondary\n"


class Service:
    """Takes calls, or takes them and never answers."""

    def __init__(self):
        service = self
        self.calls = []
        self.hangs = threading.Event()
        self.end = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.calls.append((self.path, self.headers.get("Authorization"), json.loads(body)))
                if service.hangs.is_set():
                    service.end.wait(120)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *words):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/T0/s3cret-path?key=k3y"

    def stop(self):
        self.end.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Recovery(Case):
    def setUp(self):
        super().setUp()
        self.service = Service()
        self.addCleanup(self.service.stop)
        self.hook = {"HOOK": self.service.url, "TOKEN": "Bearer t0ken"}

    def config(self, plan):
        self.write("twinlake.yml", GROUP + "    recovery_plan:\n" + plan)

    def in_group(self, *words, expect=0, **environment):
        return self.run_words([TWINLAKE, "--state", self.state, *words], expect, **environment)

    def live_jobs(self):
        jobs = self.secondary.call("GET", "/api/2.2/jobs/list").get("jobs", [])
        return [job["settings"]["name"] for job in jobs
                if job["settings"].get("schedule", {}).get("pause_status") == "UNPAUSED"]

    def test_a_plan_from_its_preview_to_its_end(self):
        self.config("      - group: gate\n        actions:\n"
                    "          - {name: switch, command: [sh, -c, 'cat > context.json']}\n"
                    "          - {name: tell, webhook: {url_from: HOOK, header: Authorization, value_from: TOKEN}}\n"
                    "      - group: people\n        actions: [{name: look, manual: 'Is the gate open?'}]\n")
        self.in_group("sync")
        preview = self.in_group("failover", "--planned", "--dry-run", **self.hook).stdout
        self.assertIn("gate: switch runs sh", preview)
        self.assertIn("people: look waits for a person: Is the gate open?", preview)
        self.assertFalse(os.path.exists(self.path("context.json")))
        lacking = self.in_group("failover", "--planned", expect=1)
        self.assertIn("needs the variable HOOK", lacking.stderr)

        waiting = subprocess.Popen([TWINLAKE, "--state", self.state, "failover", "--planned"], cwd=self.folder,
                                   env=self.environment(**self.hook), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True)
        self.addCleanup(waiting.kill)
        confirm = [TWINLAKE, "--state", self.state, "failover", "--confirm", "look"]

        def is_confirmed():
            done = subprocess.run(confirm, cwd=self.folder, env=self.environment(), capture_output=True, text=True,
                                  timeout=60, check=False)
            return done.returncode == 0
        wait_until("the person is asked", is_confirmed, 120)
        out, err = waiting.communicate(timeout=120)
        self.assertEqual(waiting.returncode, 0, out + err)
        self.assertIn("is complete", out)
        self.assertEqual(self.live_jobs(), ["nightly load"])
        with open(self.path("context.json"), encoding="utf-8") as file:
            context = json.load(file)
        self.assertEqual((context["action"], context["failover"], context["direction"]),
                         ("switch", "planned", "home->away"))
        self.assertEqual([(path, token) for path, token, _ in self.service.calls],
                         [("/T0/s3cret-path?key=k3y", "Bearer t0ken")])
        for secret in ("s3cret-path", "k3y", "t0ken"):
            self.assertNotIn(secret, preview + out + err)
            self.assert_kept_nowhere(secret)

    def test_a_service_that_hangs_is_given_up_and_a_person_decides(self):
        self.config("      - group: gate\n        actions:\n"
                    "          - {name: tell, webhook: {url_from: HOOK}, within_seconds: 2}\n")
        self.in_group("sync")
        self.service.hangs.set()
        hung = self.in_group("failover", "--forced", expect=2, **self.hook)
        self.assertIn("tell", hung.stdout)
        self.assertEqual(self.live_jobs(), [])
        self.assertIn("tell: in doubt", self.in_group("status").stdout)
        self.service.hangs.clear()
        # Nobody knows what the service did with it: it is not called again by itself.
        again = self.in_group("failover", "--forced", expect=2, **self.hook)
        self.assertIn("--repeat", again.stdout)
        self.assertEqual(len(self.service.calls), 1)
        self.in_group("failover", "--repeat", "tell")
        self.assertIn("is complete", self.in_group("failover", "--forced", **self.hook).stdout)
        self.assertEqual(len(self.service.calls), 2)
        self.assertEqual(self.live_jobs(), ["nightly load"])

    def test_waves_and_a_forgotten_flag(self):
        self.write("twinlake.yml", GROUP)
        self.in_group("sync")
        waves = ("failover", "--planned", "--canary", "nightly load", "--wave", "nightly*", "--stop-after-wave", "1")
        stopped = self.in_group(*waves, expect=2)
        self.assertIn("--continue", stopped.stdout)
        self.assertEqual(self.live_jobs(), ["nightly load"])
        forgotten = self.in_group("failover", "--planned", expect=3)
        self.assertIn("another recovery plan", forgotten.stderr)
        self.assertIn("is complete", self.in_group(*waves, "--continue").stdout)


if __name__ == "__main__":
    main()
