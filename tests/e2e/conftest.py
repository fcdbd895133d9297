"""One lab and one Ray cluster for the whole run. Files are numbered: later ones may end what earlier ones need.

Tests marked `soak` take longer than CI has: without RAYKEEP_SOAK they are left out, and counted as left out."""
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import kept as kept_module  # noqa: E402
from drops import Drops  # noqa: E402
from lab import ROOT, Lab  # noqa: E402

DEMO = ROOT / "tests/demo"
E2E = ROOT / "tests/e2e"
CLUSTER = "raycluster-kuberay"


def pytest_configure(config):
    config.addinivalue_line("markers", "soak: only with RAYKEEP_SOAK, which make soak sets")
    config.pluginmanager.register(AtOnce(config))


def pytest_collection_modifyitems(config, items):
    # The kept cluster is made once: who works on it comes last, as others make clusters of its name.
    items.sort(key=lambda item: "kept" in item.fixturenames)
    if "RAYKEEP_SOAK" in os.environ:
        return
    left_out = [item for item in items if item.get_closest_marker("soak")]
    items[:] = [item for item in items if not item.get_closest_marker("soak")]
    config.hook.pytest_deselected(items=left_out)


class AtOnce:
    """Says a failure when it happens: what is taken down afterwards may take minutes."""

    def __init__(self, config):
        self.config = config

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.config.pluginmanager.get_plugin("terminalreporter").write_line(f"\n{report.nodeid}: {str(report.longrepr)[-2000:]}")


@pytest.fixture(scope="session")
def lab():
    """A lab with the Ray image, and nothing of an earlier run in the tenant's namespace."""
    made = Lab()
    made.up()
    made.load_images()
    made.raykeep("down", CLUSTER, "-n", "ray")
    made.tool("egress", "--reset")
    return made


@pytest.fixture(scope="session")
def drops(lab):
    """What the policies drop, from before the cluster is there until the end."""
    made = Drops(lab)
    yield made
    made.close()


@pytest.fixture(scope="session")
def up(lab, drops):
    """`raykeep up` of the demo's document, with what it printed."""
    return lab.raykeep("up", "-f", DEMO / "ray-cluster.yaml", "--site", DEMO / "site.yaml", "-n", "ray",
                       "--timeout", "5m", timeout=400)


@pytest.fixture(scope="session")
def cluster(lab, up):
    return CLUSTER


@pytest.fixture
def head(lab, cluster):
    return lab.pod(cluster, "head")


@pytest.fixture
def worker(lab, cluster):
    return lab.pod(cluster, "worker")


@pytest.fixture(scope="session")
def redis(lab):
    with kept_module.redis_for(lab) as made:
        yield made


@pytest.fixture(scope="session")
def kept(lab, redis):
    with kept_module.kept_cluster(lab) as name:
        yield name


@pytest.fixture(scope="module")
def load(lab, kept):
    with kept_module.load_on(lab, kept) as made:
        yield made
