"""What goes over the wire between the lab's nodes while something is done."""
import contextlib
import json
import subprocess

from lab import ROOT


@contextlib.contextmanager
def watched(lab, *texts):
    """A dict that, once the block is left, says what lab/capture says."""
    process = subprocess.Popen([ROOT / "lab/capture", "--name", lab.name, *texts], text=True, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    assert process.stdout.readline() == "watching\n"
    said = {}
    try:
        yield said
    finally:
        out, _ = process.communicate(timeout=60)  # closes its input, which ends it
    said.update(json.loads(out))
