"""Who reaches which port: a TCP connect or a DNS question, told apart as open, refused or dropped.

A reset or a refusal means that the packet arrived: the policy let it through even if nobody listens. Only silence
means that it was dropped.
"""
import json

PROBE = r"""
import concurrent.futures, json, socket, sys

def ask(target):
    address, port, protocol, patience = target
    if protocol == "UDP":                               # a DNS question: who is localhost.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(patience)
            try:
                s.sendto(b"\0\1\1\0\0\1\0\0\0\0\0\0\11localhost\0\0\1\0\1", (address, port))
                s.recvfrom(512)
                return "open"
            except OSError:
                return "dropped"
    with socket.socket() as s:
        s.settimeout(patience)
        try:
            s.connect((address, port))
            return "open"
        except ConnectionRefusedError:
            return "refused"
        except OSError:
            return "dropped"

targets = json.loads(sys.argv[1])
with concurrent.futures.ThreadPoolExecutor(32) as pool:
    print(json.dumps(list(pool.map(ask, targets))))
"""


def probe(lab, pod, targets, namespace="ray", patience=1.0) -> list:
    """targets: (address, port, "TCP" or "UDP"). Their fates in the same order."""
    wanted = json.dumps([[a, p, proto, patience] for a, p, proto in targets])
    return json.loads(lab.python(pod, PROBE, wanted, namespace=namespace).stdout)


def arrives(fate) -> bool:
    return fate in ("open", "refused")
