"""What happens when machines are lost, and when two of them want to work at once."""

import datetime
import os
import shutil
import signal
import subprocess

from program import TWINLAKE, Case, main, wait_until

LOCK = "/Twinlake/default/lock.json"


def lock_document(minutes):
    expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
    return {"token": "theirs", "host": "other-machine", "pid": 99, "user": "ops", "state": "another",
            "since": "2026-01-01T00:00:00.000Z", "expires": expires.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "fencing": 41}


class State(Case):
    def test_a_lost_state_is_rebuilt_and_sync_plans_nothing(self):
        self.twinlake("sync")
        self.assertEqual(self.twinlake_json("state", "check")["agree"], True)
        shutil.rmtree(self.state)
        # Nothing of the primary is needed.
        done = self.run_words([TWINLAKE, "--secondary", "secondary", "--state", self.state, "state", "rebuild"], 0)
        self.assertIn("rebuilt from the mirror", done.stdout)
        self.twinlake("state", "check")
        report = self.twinlake_json("sync")
        self.assertEqual(report["objects"], [])
        self.assertEqual(report["requests"]["secondary"]["writes"], 2)
        self.fails("state", "rebuild", says="already", hint="state check", expect=3)
        self.twinlake("state", "rebuild", "--force")

    def test_without_a_mirror_markers_and_names_are_enough(self):
        self.twinlake("sync")
        shutil.rmtree(self.state)
        self.secondary.call("POST", "/api/2.0/workspace/delete", {"path": "/Twinlake/default/state.json"})
        self.assertIn("no mirror", self.twinlake("state", "rebuild").stdout)
        report = self.twinlake_json("sync")
        self.assertEqual((report["counts"]["created"], report["counts"]["updated"]), (0, 0))
        self.assertEqual(len(self.secondary.call("GET", "/api/2.2/jobs/list")["jobs"]), 1)
        self.assertEqual(self.twinlake_json("state", "check")["agree"], True)

    def test_another_machine_takes_the_newer_state_from_the_mirror(self):
        self.twinlake("sync")
        other = self.path("other-machine")
        words = [TWINLAKE, "--primary", "primary", "--secondary", "secondary", "--state", other, "sync"]
        self.assertIn("taken from there", self.run_words(words, 0).stderr)
        self.primary.notebook("/Shared/etl/third", "print(3)\n")
        self.run_words(words, 0)
        self.assertEqual(self.twinlake("state", "check", expect=2).returncode, 2)
        self.assertEqual(self.twinlake_json("sync")["objects"], [])
        self.assertTrue(self.twinlake_json("reconcile")["in_sync"])

    def test_status_and_rebuild_of_nothing(self):
        self.fails("status", says="there is no state", hint="--state")
        self.fails("ids", says="there is no state", hint="--state")
        self.assertFalse(os.path.exists(self.state), "looking must not make a state")

    def test_the_profiles_must_be_those_of_the_group(self):
        self.twinlake("sync")
        done = self.run_words([TWINLAKE, "--primary", "secondary", "--secondary", "primary", "--state", self.state,
                               "sync"], 3)
        self.assertIn("must not be written to", done.stderr)
        # A machine that has never seen the group is told by the mirror.
        done = self.run_words([TWINLAKE, "--primary", "secondary", "--secondary", "primary", "--state",
                               os.path.join(self.folder, "fresh"), "sync"], 3)
        self.assertIn("must not be written to", done.stderr)
        self.assertFalse(self.primary.exists("/Twinlake"))


class Locks(Case):
    def test_another_machine_is_waited_for_by_refusing(self):
        self.secondary.call("POST", "/api/2.0/workspace/mkdirs", {"path": "/Twinlake/default"})
        self.secondary.own_file(LOCK, lock_document(5))
        self.fails("sync", says="ops on other-machine, process 99", hint="Wait until it has finished", expect=3)
        self.twinlake("plan")
        self.twinlake("reconcile", expect=2)
        self.assertTrue(self.secondary.exists(LOCK))

    def test_an_expired_lock_is_taken_over(self):
        self.secondary.call("POST", "/api/2.0/workspace/mkdirs", {"path": "/Twinlake/default"})
        self.secondary.own_file(LOCK, lock_document(-1))
        self.twinlake("sync")
        self.assertFalse(self.secondary.exists(LOCK))

    def slow_sync(self):
        self.secondary.call("POST", "/sim/faults", {"action": "delay", "method": "POST", "path": "/api/2.2/jobs/create", "delay_ms": 20000})
        process = subprocess.Popen(self.command("sync"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   cwd=self.folder, env=self.environment())
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        wait_until("the run holds the lock", lambda: self.secondary.exists(LOCK))
        return process

    def test_a_second_run_on_this_machine_is_refused(self):
        process = self.slow_sync()
        self.fails("sync", says="another run of `default` is under way", hint="end that process", expect=3)
        process.kill()
        process.wait()

    def test_after_a_kill_the_next_run_goes_on_at_once(self):
        process = self.slow_sync()
        process.kill()
        process.wait()
        self.assertTrue(self.secondary.exists(LOCK))
        self.twinlake("sync")
        self.assertEqual(len(self.secondary.call("GET", "/api/2.2/jobs/list")["jobs"]), 1)
        self.assertTrue(self.twinlake_json("reconcile")["in_sync"])

    def test_a_signal_ends_the_run_after_the_steps_in_hand(self):
        self.secondary.call("POST", "/sim/faults", {"action": "delay", "method": "POST", "path": "/api/2.2/jobs/create", "delay_ms": 3000})
        process = subprocess.Popen(self.command("sync"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   cwd=self.folder, env=self.environment())
        wait_until("the run holds the lock", lambda: self.secondary.exists(LOCK))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 2, out + err)
        self.assertIn("partial", out)
        self.assertFalse(self.secondary.exists(LOCK), "the lock is given back")
        self.twinlake("sync")


if __name__ == "__main__":
    main()
