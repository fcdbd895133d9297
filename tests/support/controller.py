"""The controller in the lab, as tests look at it."""
import contextlib

NAME = "raykeep-controller"
SIGNER = ("service/raykeep-signer", "secret/raykeep-ca", "configmap/raykeep-ca")  # with tls.mode: native


@contextlib.contextmanager
def installed(lab, site, patience=60, more=()):
    """With `edit` and nothing more: as the namespace's own service account. `more` goes with it at the end. Gives what was said."""
    done = lab.raykeep("controller", "install", "-n", "ray", "--service-account", "tenant", "--site", site)
    lab.kubectl("rollout", "status", f"deployment/{NAME}", f"--timeout={patience}s")
    yield done
    lab.kubectl("delete", f"deployment/{NAME}", f"networkpolicy/{NAME}", f"poddisruptionbudget/{NAME}", f"lease/{NAME}", *more)


def logs(lab) -> str:
    """Of all its replicas."""
    return "".join(lab.kubectl("logs", p["metadata"]["name"], check=False).stdout for p in
                   lab.get("pods", "-l", f"app.kubernetes.io/name={NAME}")["items"])


def is_ready(pod) -> bool:
    return bool(pod) and {c["type"]: c["status"] for c in pod["status"].get("conditions", [])}.get("Ready") == "True"
