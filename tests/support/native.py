"""The kept cluster with Ray's own TLS, and the controller that signs for it."""
import pathlib

import pytest
from controller import SIGNER, installed
from kept import DEPLOY, DOCUMENT, KEPT, SITE


def native_site(folder: pathlib.Path, tls="{mode: native}") -> pathlib.Path:
    """The kept cluster's Site, with that in place of no TLS at all."""
    text = SITE.read_text()
    assert "  tls: {mode: none}\n" in text
    (folder / "site.yaml").write_text(text.replace("  tls: {mode: none}\n", f"  tls: {tls}\n", 1))
    return folder / "site.yaml"


# Fixtures, for whoever imports them and has one called `site`, made by native_site().

@pytest.fixture(scope="module")
def controller(lab, site):
    """Who signs."""
    with installed(lab, site, patience=90, more=SIGNER):
        yield
    lab.kubectl("delete", "configmaps", "-l", "raykeep.io/cleanup")


@pytest.fixture(scope="module")
def native(lab, redis, controller, site):
    lab.raykeep("up", "-f", DOCUMENT, "--site", site, "-n", "ray", "--timeout", "5m", timeout=400)
    lab.python(lab.pod(KEPT, "head"), DEPLOY)
    yield KEPT
    lab.raykeep("down", KEPT, "-n", "ray", "--timeout", "3m")
