"""The simulator as the people meet it who try things out: flags, remote control, faults, a lost region."""

import json
import os
import socket
import ssl
import subprocess
import urllib.error
import urllib.request

from program import TWINLAKE, Case, Region, Regions, main, wait_until


class Flags(Case):
    def regions_with(self, *options):
        folder = self.path("other")
        os.makedirs(folder, exist_ok=True)
        regions = Regions(folder, *options)
        self.addCleanup(regions.stop)
        return regions

    def test_the_same_seed_gives_the_same_world(self):
        worlds = []
        for seed in ("7", "7", "8"):
            regions = self.regions_with("--estate", "demo", "--seed", seed)
            worlds.append(regions.primary.call("GET", "/sim/world"))
        ids = [sorted(str(job["job_id"]) for job in world["jobs"]) for world in worlds]
        self.assertEqual(ids[0], ids[1])
        self.assertNotEqual(ids[0], ids[2])

    def test_published_limits_throttle_and_nothing_is_lost(self):
        regions = self.regions_with("--estate", "empty", "--limits", "published")
        regions.primary.small_estate()
        codes = []
        for _ in range(60):  # the published limit with the lowest figure
            try:
                regions.primary.call("GET", "/api/2.0/preview/scim/v2/Users?count=1")
            except urllib.error.HTTPError as problem:
                codes.append((problem.code, problem.headers["Retry-After"]))
        self.assertIn(429, {code for code, _ in codes})
        self.assertTrue(all(int(wait) >= 1 for _, wait in codes))
        self.assertGreater(regions.primary.call("GET", "/sim/requests")["throttled"], 0)
        self.twinlake("sync", DATABRICKS_CONFIG_FILE=regions.config)
        self.assertTrue(self.twinlake_json("reconcile", DATABRICKS_CONFIG_FILE=regions.config)["in_sync"])

    def test_latency_is_that_of_each_request(self):
        regions = self.regions_with("--estate", "empty", "--latency", "120ms")
        regions.primary.small_estate()
        report = self.twinlake_json("sync", DATABRICKS_CONFIG_FILE=regions.config)
        self.assertGreater(report["seconds"], 0.36)  # at least read, write and read back

    def test_https(self):
        certificate, key = self.path("cert.pem"), self.path("key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=sim",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
        regions = self.regions_with("--estate", "empty", "--tls", certificate, key)
        self.assertTrue(regions.primary.url.startswith("https://127.0.0.1:"))
        here = {"DATABRICKS_CONFIG_FILE": regions.config}
        self.fails("plan", says="certificate", hint="SSL_CERT_FILE", **here)
        self.twinlake("sync", SSL_CERT_FILE=certificate, **here)
        trusted = ssl.create_default_context(cafile=certificate)
        with urllib.request.urlopen(regions.secondary.url + "/sim/world", timeout=60, context=trusted) as answer:
            self.assertIn("jobs", json.load(answer))

    def test_other_addresses_of_loopback(self):
        config = self.path("two.cfg")
        process = subprocess.Popen([TWINLAKE, "simulate", "--primary", "127.0.0.2:0", "--secondary", "[::1]:0", "--estate",
                                    "empty", "--write-config", config, "--exit-with-parent"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.terminate)
        if not socket.has_ipv6 or not os.path.exists("/proc/net/if_inet6"):
            self.skipTest("this machine has no IPv6")
        line = process.stdout.readline()
        self.assertRegex(line, r"^ready: primary http://127\.0\.0\.2:\d+, secondary http://\[::1\]:\d+\n$")
        self.twinlake("plan", DATABRICKS_CONFIG_FILE=config)

    def test_files_of_tls_that_are_not_there(self):
        self.fails("simulate", "--estate", "empty", "--primary", "127.0.0.1:0", "--secondary", "127.0.0.1:0", "--tls",
                   "/no/cert.pem", "/no/key.pem", says="cert.pem", hint="--tls", bare=True)

    def test_the_same_address_twice(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = "127.0.0.1:" + str(probe.getsockname()[1])
        self.fails("simulate", "--estate", "empty", "--primary", address, "--secondary", address,
                   says="cannot listen", hint="free port", bare=True)


class Faults(Case):
    def fault(self, region, **rule):
        region.call("POST", "/sim/faults", rule)

    def converges(self):
        report = self.twinlake_json("sync")
        self.assertEqual(report["outcome"], "complete")
        self.assertTrue(self.twinlake_json("reconcile")["in_sync"])
        self.assertEqual(len(self.secondary.call("GET", "/api/2.2/jobs/list")["jobs"]), 1)
        return report

    def test_an_answer_is_lost_after_the_work(self):
        self.fault(self.secondary, method="POST", path="/api/2.2/jobs/create", action="drop", when="after")
        self.converges()

    def test_a_busy_service_is_waited_for(self):
        self.fault(self.secondary, method="POST", path="/api/2.2/jobs/create", status=429, retry_after=1)
        self.fault(self.primary, path="/api/2.0/workspace/list", status=503, nth=2)
        report = self.converges()
        self.assertEqual(report["requests"]["secondary"]["throttled"], 1)
        self.assertGreaterEqual(report["seconds"], 1)

    def test_answers_that_are_no_answers(self):
        self.fault(self.secondary, method="POST", path="/api/2.2/jobs/create", action="truncate")
        self.fault(self.secondary, method="POST", path="/api/2.0/workspace/import", action="truncate")
        self.fault(self.primary, path="/api/2.2/jobs/list", action="truncate")
        self.converges()

    def test_a_login_page_in_the_middle_of_a_run(self):
        self.fault(self.secondary, method="POST", path="/api/2.2/jobs/create", action="html")
        report = self.twinlake_json("sync", expect=2)
        failed = [entry for entry in report["objects"] if entry["outcome"] not in ("done", "blocked")]
        self.assertEqual([entry["address"] for entry in failed], ['job:"nightly load"'])
        self.assertTrue(failed[0]["error"] and failed[0]["what_to_do"])
        self.converges()

    def test_a_listing_that_fails_deletes_nothing(self):
        self.twinlake("sync")
        self.fault(self.primary, path="/api/2.2/jobs/list", status=400, times=0)
        report = self.twinlake_json("sync", expect=2)
        self.assertEqual(report["counts"]["deleted"], 0)
        self.assertGreaterEqual(self.twinlake_json("reconcile", expect=2)["counts"]["unknown"], 1)
        self.primary.call("DELETE", "/sim/faults")
        self.converges()

    def test_wrong_rules_are_refused(self):
        for rule in ({"action": "explode"}, {"nht": 2}, {"delay_ms": "long"}):
            with self.assertRaises(urllib.error.HTTPError) as refused:
                self.primary.call("POST", "/sim/faults", rule)
            self.assertEqual(refused.exception.code, 400)
            refused.exception.close()


class Outage(Case):
    def test_a_region_that_is_gone_for_good(self):
        self.twinlake("sync")
        self.primary.call("POST", "/sim/outage", {})
        for command in ("plan", "sync", "reconcile"):
            self.fails(command, says="the primary workspace", hint="Check `host` in the profile")
        self.assertFalse(self.secondary.exists("/Twinlake/default/lock.json"))
        # Nothing of the primary is needed for these.
        self.twinlake("status")
        self.twinlake("ids")
        self.twinlake("state", "check")
        self.primary.call("POST", "/sim/restore", {})
        self.assertEqual(self.twinlake_json("sync")["objects"], [])

    def test_a_region_that_is_gone_for_a_moment_during_a_run(self):
        self.secondary.call("POST", "/sim/faults", {"method": "POST", "path": "/api/2.2/jobs/create", "delay_ms": 500})
        process = subprocess.Popen(self.command("-o", "json", "sync"), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, cwd=self.folder, env=self.environment())
        self.addCleanup(process.kill)
        wait_until("the run holds the lock", lambda: self.secondary.exists("/Twinlake/default/lock.json"))
        self.secondary.call("POST", "/sim/outage", {"for_seconds": 1.5})
        out, err = process.communicate(timeout=240)
        self.assertEqual(process.returncode, 0, out + err)
        self.assertTrue(self.twinlake_json("reconcile")["in_sync"])
        self.assertEqual(len(self.secondary.call("GET", "/api/2.2/jobs/list")["jobs"]), 1)

    def test_the_remote_control_needs_no_token(self):
        stranger = Region(self.primary.url, "none")
        self.assertGreater(stranger.call("GET", "/sim/requests")["total"], 0)
        stranger.call("POST", "/sim/requests/reset", {})
        self.assertEqual(stranger.call("GET", "/sim/requests")["total"], 0)
        self.assertIn("tree", stranger.call("GET", "/sim/world"))


if __name__ == "__main__":
    main()
