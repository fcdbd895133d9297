"""What the API server and the gateway saw of the whole run: nothing outside the namespace, nothing forbidden, nothing got out."""
import json
import pathlib

from lab import until
from probe import probe, stranger

# The tenant of the namespace "bank", which test_35_preflight.py makes and asks about.
BANK = "system:serviceaccount:bank:tenant"
DISCOVERY = ("/api", "/apis", "/version", "/openapi", "/healthz", "/readyz", "/livez")
TENANT = "system:serviceaccount:ray:tenant"


def entries(lab):
    for line in pathlib.Path(lab.told("audit-log")).read_text().splitlines():
        entry = json.loads(line)
        if entry.get("userAgent", "").startswith("raykeep/") and entry["user"].get("username") != BANK:
            yield entry


def discovery(uri):
    path = uri.split("?")[0].rstrip("/")
    # Reviews are questions about oneself; what namespace they ask about stands in their bodies.
    if path.rsplit("/", 1)[-1].startswith("selfsubject"):
        return True
    return path in DISCOVERY or path.startswith("/openapi/") or (path.startswith(("/api/", "/apis/")) and path.count("/") <= 3
                                                                    and "/namespaces" not in path)


def test_raykeep_asked_for_nothing_outside_its_namespace(lab):
    seen = list(entries(lab))
    assert len(seen) > 100, "the audit log knows raykeep"
    outside = {e["requestURI"] for e in seen if e.get("objectRef", {}).get("namespace") != "ray" and not discovery(e["requestURI"])}
    assert not outside


def test_raykeep_was_forbidden_nothing(lab):
    forbidden = [(e["verb"], e["requestURI"], e["responseStatus"].get("message", "")) for e in entries(lab)
                 if e.get("responseStatus", {}).get("code") == 403 and e["user"]["username"] == TENANT]
    assert not forbidden


def test_raykeep_was_nobody_but_the_tenant(lab):
    # The tests of refusals are others on purpose: an account with half the rights, a nonsense token, an expired certificate.
    on_purpose = {"system:serviceaccount:ray:half", "system:anonymous", "late", None}
    users = {e["user"].get("username") for e in entries(lab)} - on_purpose
    assert users == {TENANT}


def test_no_service_account_of_the_namespace_asked_the_api_server_but_the_tenant(lab):
    users = set()
    for line in pathlib.Path(lab.told("audit-log")).read_text().splitlines():
        name = json.loads(line)["user"].get("username", "")
        if name.startswith("system:serviceaccount:ray:"):
            users.add(name)
    assert users <= {TENANT, "system:serviceaccount:ray:half"}


def test_nobody_tried_to_leave_the_lab(lab, drops):
    """Neither stopped on a node by a policy nor at the gateway, in the whole run."""
    assert not [drop for drop in drops.seen() if drop.leaves()]
    told = lab.tool("egress").stdout
    assert told.splitlines()[0].strip() == "0", told
    # One who tries is seen, in both places, or that would prove nothing. A documentation address (RFC 5737).
    away = "192.0.2.1"
    with stranger(lab) as name:
        assert probe(lab, name, [(away, 443, "TCP")]) == ["dropped"]
        assert int(lab.tool("egress").stdout.splitlines()[0]) > 0
        lab.kubectl("delete", "networkpolicy", "stranger")
        until("its policy is gone", lambda: probe(lab, name, [("10.96.0.10", 53, "TCP")]) == ["dropped"])
        probe(lab, name, [(away, 443, "TCP")])
        drops.await_one("the drop on the node", lambda drop: drop.target == away)
