"""A lab with Istio, STRICT for the whole mesh, and one Ray cluster in it for the whole run, its state in a Redis outside of the mesh."""
import pytest
from calls import calls
from controller import installed
from kept import DEPLOY
from lab import NAME, Lab
from meshed import DOCUMENT, MESHED, SITE
from redis_at_the_desk import PASSWORD, Redis


@pytest.fixture(scope="session")
def lab():
    made = Lab(f"{NAME}-mesh")
    made.up("--mesh", "istio")
    made.load_images()
    made.raykeep("down", MESHED, "-n", "ray")
    return made


@pytest.fixture(scope="session")
def redis(lab):
    made = Redis(lab, lab.raykeep("site", "redis-acl", "--site", SITE, "-f", DOCUMENT, "-n", "ray").stdout.strip())
    made.start()
    lab.kubectl("delete", "secret/redis-ray", "configmap/redis-ca", "--ignore-not-found")
    lab.kubectl("create", "secret", "generic", "redis-ray", f"--from-literal=password={PASSWORD}")
    lab.kubectl("create", "configmap", "redis-ca", f"--from-literal=ca.crt={made.ca}")
    yield made
    made.close()


@pytest.fixture(scope="session")
def controller(lab, redis):
    """In the mesh as the cluster is. It keeps the Serve Service to pods whose proxy takes requests."""
    with installed(lab, SITE, patience=120):
        yield


@pytest.fixture(scope="session")
def up(lab, controller):
    return lab.raykeep("up", "-f", DOCUMENT, "--site", SITE, "-n", "ray", "--timeout", "8m", timeout=600)


@pytest.fixture(scope="session")
def cluster(lab, up):
    lab.python(lab.pod(MESHED, "head"), DEPLOY)
    yield MESHED
    lab.raykeep("down", MESHED, "-n", "ray", "--timeout", "3m", timeout=300)


@pytest.fixture
def head(lab, cluster):
    return lab.pod(cluster, "head")


@pytest.fixture(scope="module")
def load(lab, cluster):
    """Constant calls of Serve from a pod in the mesh, by its Service's name. A connection for each: one that is kept stays with its
    pod, and ends with that, as without a mesh."""
    node = lab.pods(cluster, "worker")[0]["spec"]["nodeName"]
    with calls(lab, [f"{cluster}-serve-svc"], node, kept=False, labels={"sidecar.istio.io/inject": "true", "desk": "yes"}) as made:
        yield made
