"""One lab and one Ray cluster for the whole run. Files are numbered: later ones may end what earlier ones need."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from drops import Drops  # noqa: E402
from lab import ROOT, Lab, part  # noqa: E402

DEMO = ROOT / "tests/demo"
CLUSTER = "raycluster-kuberay"


@pytest.fixture(scope="session")
def lab():
    """A lab with the Ray image, and nothing of an earlier run in the tenant's namespace."""
    made = Lab()
    made.up()
    made.tool("load", part("ray") / "ray.tar", timeout=900)
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
