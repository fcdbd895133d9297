#!/usr/bin/python3
"""raykeep node as a process, with processes that look like Ray's (fake_ray.cc) instead of Ray.

test_agent.py RAYKEEP FAKE_RAY [unittest options]
"""
import functools
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import fake_node  # noqa: E402
from fake_node import SECRET, stat_of, until  # noqa: E402

RAYKEEP, FAKE = (pathlib.Path(p).resolve() for p in sys.argv[1:3])
Agent = functools.partial(fake_node.Agent, RAYKEEP, FAKE)


class Head(unittest.TestCase):
    def test_a_killed_gcs_is_back_alone_twenty_times_in_a_row(self):
        with Agent() as agent:
            agent.ready()
            raylet, dashboard = agent.find("raylet"), agent.find("dashboard.py")
            worst = 0.0
            for i in range(20):
                gcs = agent.find("gcs_server")
                began = time.monotonic()
                os.kill(gcs, signal.SIGKILL)
                until("recovered", lambda: len(agent.said("recovered")) == i + 1)
                worst = max(worst, time.monotonic() - began)
                agent.ready()
                self.assertEqual((agent.find("raylet"), agent.find("dashboard.py")), (raylet, dashboard))
            print(f"20 kills: from kill to serving at most {worst:.3f} s", file=sys.stderr)
            self.assertEqual(agent.starts(), 1)
            self.assertEqual(agent.metric('raykeep_node_process_restarts_total{process="gcs_server"}'), 20)
            # Its output still goes to the file that the command gave it.
            self.assertEqual(os.readlink(f"/proc/{agent.find('gcs_server')}/fd/1"), f"{agent.dir}/gcs.out")

    def test_a_stopped_gcs_is_found_and_replaced(self):
        with Agent() as agent:
            agent.ready()
            gcs, raylet = agent.find("gcs_server"), agent.find("raylet")
            os.kill(gcs, signal.SIGSTOP)
            agent.another("gcs_server", gcs)
            agent.ready()
            self.assertEqual(agent.find("raylet"), raylet)
            self.assertIn("stopped by a signal", agent.said("kill_daemon")[0]["reason"])

    def test_a_gcs_whose_event_loop_stands_still_is_found(self):
        with Agent() as agent:
            agent.ready()
            gcs = agent.find("gcs_server")
            (agent.dir / "stuck").touch()
            until("killed", lambda: agent.said("kill_daemon"), 60)
            (agent.dir / "stuck").unlink()
            agent.another("gcs_server", gcs)
            agent.ready()
            self.assertIn("no answer for", agent.said("kill_daemon")[0]["reason"])

    def test_liveness_stays_while_readiness_is_honest(self):
        with Agent() as agent:
            self.assertEqual(until("livez", lambda: agent.get("/livez")[0]), 200)
            agent.ready()
            (agent.dir / "broken").touch()
            os.kill(agent.find("gcs_server"), signal.SIGKILL)
            until("unready", lambda: agent.get("/readyz") == (503, "the GCS is being restarted"))
            self.assertEqual(agent.get("/livez")[0], 200)
            self.assertEqual(agent.metric("raykeep_node_ready"), 0)
            (agent.dir / "broken").unlink()
            agent.ready()
            self.assertEqual(agent.starts(), 1)
            self.assertEqual(agent.get("/nothing")[0], 404)
            self.assertEqual(json.loads(agent.get("/status")[1])["processes"]["gcs_server"]["up"], True)

    def test_a_gcs_that_does_not_come_back_takes_all_of_ray_with_it(self):
        with Agent() as agent:
            agent.ready()
            raylet = agent.find("raylet")
            (agent.dir / "broken").touch()
            os.kill(agent.find("gcs_server"), signal.SIGKILL)
            until("given up", lambda: agent.said("clear"), 60)
            (agent.dir / "broken").unlink()
            agent.ready()
            self.assertNotEqual(agent.find("raylet"), raylet)
            self.assertEqual(agent.metric('raykeep_node_process_restarts_total{process="gcs_server"}'), 5)

    def test_a_gcs_without_a_store_takes_all_of_ray_with_it_at_once(self):
        with Agent(storage="memory") as agent:
            agent.ready()
            raylet = agent.find("raylet")
            os.kill(agent.find("gcs_server"), signal.SIGKILL)
            agent.another("raylet", raylet)
            agent.ready()
            self.assertEqual(agent.starts(), 2)
            self.assertIn("its tables went with it", agent.said("clear")[0]["reason"])

    def test_a_killed_or_stopped_dashboard_is_replaced_alone(self):
        with Agent() as agent:
            agent.ready()
            gcs = agent.find("gcs_server")
            for sign in (signal.SIGKILL, signal.SIGSTOP):
                old = agent.find("dashboard.py")
                os.kill(old, sign)
                agent.another("dashboard.py", old)
                agent.ready()
            self.assertEqual(agent.find("gcs_server"), gcs)

    def test_a_killed_raylet_restarts_all_in_place(self):
        with Agent() as agent:
            agent.ready()
            gcs, raylet = agent.find("gcs_server"), agent.find("raylet")
            os.kill(raylet, signal.SIGKILL)
            agent.another("raylet", raylet)
            agent.ready()
            self.assertNotEqual(agent.find("gcs_server"), gcs)
            self.assertIsNone(agent.process.poll())

    def test_secrets_of_rays_processes_are_told_nowhere(self):
        with Agent() as agent:
            agent.ready()
            gcs = agent.find("gcs_server")
            os.kill(gcs, signal.SIGKILL)
            new = agent.another("gcs_server", gcs)
            agent.ready()
            self.assertIn(SECRET, pathlib.Path(f"/proc/{new}/cmdline").read_text(), "it has its arguments")
            self.assertIn(SECRET, pathlib.Path(f"/proc/{new}/environ").read_text(), "and its environment")
            self.assertEqual(agent.stop(), 0)
            for told in (agent.text(),):
                self.assertNotIn(SECRET, told)

    def test_sigterm_ends_all_in_order_and_leaves_nothing(self):
        with Agent() as agent:
            agent.ready()
            pids = agent.below()
            began = time.monotonic()
            self.assertEqual(agent.stop(), 0)
            print(f"a head stops in {time.monotonic() - began:.2f} s", file=sys.stderr)
            self.assertEqual([p for p in pids if stat_of(p)], [])
            events = [json.loads(l)["event"] for l in agent.text().splitlines() if l.startswith('{"time"')]
            order = [e for e in events if e in ("terminate", "terminate_gcs", "end")]
            self.assertEqual(order, ["terminate", "terminate_gcs", "end"])

    def test_orphans_are_reaped(self):
        with Agent() as agent:
            agent.ready()
            before = agent.metric("raykeep_node_reaped_total")
            orphan = subprocess.run(["sh", "-c", "true"], check=True)
            self.assertEqual(orphan.returncode, 0)
            os.kill(agent.find("gcs_server"), signal.SIGKILL)
            until("reaped", lambda: agent.metric("raykeep_node_reaped_total") > before)
            zombies = [p for p in agent.below() if (stat_of(p) or "?")[0] == "Z"]
            self.assertEqual(zombies, [])


class Worker(unittest.TestCase):
    def gcs(self, agent):
        """The head's GCS, which is no process of this agent's."""
        gcs = subprocess.Popen(agent.gcs_command().split())

        def end():
            gcs.kill()
            gcs.wait()
        self.addCleanup(end)
        return gcs

    def test_waits_for_its_head_and_serves_on_without_it(self):
        with Agent(role="worker", gcs=False, dashboard=False) as agent:
            until("waits", lambda: agent.get("/readyz")[1].startswith("waits for the GCS"))
            self.assertEqual(agent.get("/livez")[0], 200)
            self.assertFalse((agent.dir / "starts").exists())
            gcs = self.gcs(agent)
            agent.ready()
            gcs.kill()
            began = time.monotonic()
            until("GCS missed", lambda: agent.metric('raykeep_node_probes_not_good_total{probe="gcs_alive"}') or 0)
            self.assertEqual(agent.get("/readyz")[0], 200)
            self.assertLess(time.monotonic() - began, 15)
            self.assertEqual(agent.stop(), 0)

    def test_drains_on_sigterm(self):
        with Agent(role="worker", gcs=False, dashboard=False) as agent:
            self.gcs(agent)
            agent.ready()
            agent.process.send_signal(signal.SIGTERM)
            self.assertEqual(agent.process.wait(30), 0)
            self.assertEqual((agent.dir / "drained").read_text(), "2 told to stop\n")
            self.assertIn("the raylet has left", agent.said("end")[0]["reason"])

    def test_a_zombie_restarts_itself(self):
        with Agent(role="worker", gcs=False, dashboard=False) as agent:
            self.gcs(agent)
            agent.ready()
            raylet = agent.find("raylet")
            (agent.dir / "dead").touch()
            agent.another("raylet", raylet)
            (agent.dir / "dead").unlink()
            agent.ready()
            self.assertIn("takes this node for dead", agent.said("clear")[0]["reason"])

    def test_a_stopped_raylet_is_found(self):
        with Agent(role="worker", gcs=False, dashboard=False) as agent:
            self.gcs(agent)
            agent.ready()
            raylet = agent.find("raylet")
            os.kill(raylet, signal.SIGSTOP)
            agent.another("raylet", raylet)
            agent.ready()


class Start(unittest.TestCase):
    def test_a_command_that_fails_is_tried_again(self):
        with Agent(options=("--drain=1s",), command="exit 3") as agent:
            until("three tries", lambda: len(agent.said("start_ray")) == 3)
            self.assertEqual(agent.get("/livez")[0], 200)
            self.assertEqual(agent.get("/readyz")[0], 503)
            self.assertEqual(agent.said("command_ended")[0]["code"], 3)
            self.assertEqual(agent.stop(), 0)

    def test_a_command_that_is_not_there_is_told(self):
        with Agent() as agent:
            agent.stop()
        done = subprocess.run([str(RAYKEEP), "node", "--gcs=a:1"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("the command that starts Ray is missing; it follows after --", done.stderr)

    def test_the_program_installs_itself_whole(self):
        with tempfile.TemporaryDirectory() as folder:
            old = os.umask(0o077)
            try:
                for _ in range(2):
                    subprocess.run([str(RAYKEEP), "node", "--install", folder], check=True)
            finally:
                os.umask(old)
            self.assertEqual(os.listdir(folder), ["raykeep"])
            copy = pathlib.Path(folder) / "raykeep"
            self.assertEqual(copy.read_bytes(), RAYKEEP.read_bytes())
            self.assertEqual(copy.stat().st_mode & 0o777, 0o755)
            self.assertEqual(subprocess.run([copy, "version"], capture_output=True).returncode, 0)
        done = subprocess.run([str(RAYKEEP), "node", "--install", "/nowhere"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (1, "error: install /nowhere/raykeep: No such file or directory\n"))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
