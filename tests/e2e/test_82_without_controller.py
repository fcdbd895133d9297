"""A RayService where there is no controller: `raykeep up` takes each step from the desk, and goes on where another was killed."""
import contextlib
import os
import signal
import subprocess

import pytest
from lab import RAYKEEP, ROOT, until
from serving import WITHOUT_STORE, flawless, load_on, service


@pytest.fixture(scope="module")
def hello(lab, tmp_path_factory):
    folder = tmp_path_factory.mktemp("static")
    site = folder / "site.yaml"
    site.write_text(WITHOUT_STORE)
    with service(lab, folder) as made:
        made.site = site
        done = made.up(site=site)
        assert "serves" in done.stdout, done
        yield made


@contextlib.contextmanager
def killed_at_the_end(lab, hello):
    """`up`, with no time to tidy."""
    process = subprocess.Popen([ROOT / "lab/exec", "--name", lab.name, RAYKEEP, "up", "-f", hello.write(), "--site", hello.site, "-n", "ray"],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        print(process.communicate()[0])


def test_an_upgrade_whose_up_is_killed_at_each_step_goes_on_and_loses_no_request(lab, hello):
    with load_on(lab, hello.address()) as load:
        before, cluster = load.tally(), hello.active()
        hello.set_pods("2")
        steps = {"the new cluster is made": lambda: len(hello.clusters()) == 2, "both serve": hello.both_serve,
                 "the new one is the first": lambda: hello.active() != cluster}
        for what, reached in steps.items():
            with killed_at_the_end(lab, hello):
                until(what, reached, patience=300, every=0.2)
        done = hello.up(site=hello.site)
        assert "serves" in done.stdout and hello.active() != cluster, done
        until("the former cluster is gone", lambda: len(hello.clusters()) == 1, patience=60)
        told = flawless(load, before)
        assert set(told["versions"]) == {"1/1", "1/2"}, told


def test_a_configuration_that_does_not_run_is_taken_back(lab, hello):
    hello.set_config("broken")
    done = hello.up(site=hello.site, check=False)
    assert done.returncode == 1 and "on purpose" in done.stdout + done.stderr, done
    hello.set_config("1")
    assert "serves" in hello.up(site=hello.site).stdout
