"""Volumes: the StorageClass "local", which is the cluster's default, and a few volumes of it on each
node's disk. A claim is bound when a pod wants it, on that pod's node. Nobody empties a volume that
was given back: a run of the lab has as many as it needs, and the next one begins with new ones."""
from __future__ import annotations

import json

from .site import NODES, Lab

PER_NODE = 4
FOLDER = "volumes"  # of a node's


def objects(lab: Lab) -> str:
    """The class and its volumes, whose folders are made here."""
    made: list[dict] = [{
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
        "metadata": {"name": "local", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        "provisioner": "kubernetes.io/no-provisioner", "volumeBindingMode": "WaitForFirstConsumer"}]
    for node in NODES:
        for number in range(PER_NODE):
            folder = lab.node(node) / FOLDER / str(number)
            folder.mkdir(parents=True)
            here = {"key": "kubernetes.io/hostname", "operator": "In", "values": [node.name]}
            made.append({
                "apiVersion": "v1", "kind": "PersistentVolume",
                "metadata": {"name": f"{node.name}-{number}"},
                "spec": {"capacity": {"storage": "4Gi"}, "accessModes": ["ReadWriteOnce"],
                         "persistentVolumeReclaimPolicy": "Retain", "storageClassName": "local",
                         "local": {"path": str(folder)},
                         "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}}}})
    return "---\n".join(json.dumps(each) + "\n" for each in made)
