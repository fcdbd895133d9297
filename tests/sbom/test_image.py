#!/usr/bin/python3
"""An image made of this machine's own packages, read by src/sbom, against what dpkg and Python say of the same machine.

test_image.py SBOM_OF [--speed MB | --keep FOLDER | unittest options]
--speed MB: only measures, with a layer of MB megabytes of gzip made of /usr/lib. --keep FOLDER: leaves the documents there.
"""
import gzip
import hashlib
import importlib.metadata
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest

SBOM_OF = pathlib.Path(sys.argv.pop(1)).resolve()
DIST = pathlib.Path("/usr/lib/python3/dist-packages")
CREATED = "2024-05-01T10:00:00.123Z"


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def add(tar, path, data=None, link=None, mode=0o644):
    info = tarfile.TarInfo(path)
    info.mode = mode
    if link is not None:
        info.type, info.linkname = tarfile.SYMTYPE, link
        tar.addfile(info)
    else:
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))


def layers_of_this_machine():
    """Two layers: what dpkg has, and Python's, with a program that is nobody's."""
    first, second = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=first, mode="w", format=tarfile.PAX_FORMAT) as tar:
        add(tar, "bin", link="usr/bin")
        add(tar, "etc/os-release", link="../usr/lib/os-release")
        for path in ["/usr/lib/os-release", "/var/lib/dpkg/status", "/usr/bin/dash", "/usr/bin/env",
                     *pathlib.Path("/var/lib/dpkg/info").glob("*.list")]:
            add(tar, str(path)[1:], pathlib.Path(path).read_bytes())
        add(tar, "usr/local/bin/gone", pathlib.Path("/usr/bin/dash").read_bytes())
    with tarfile.open(fileobj=second, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for info in sorted(DIST.glob("*-info")):
            for path in [info] if info.is_file() else sorted(info.iterdir()):
                if path.is_file():
                    add(tar, "./" + str(path)[1:], path.read_bytes())
        add(tar, "usr/local/bin/.wh.gone", b"")
        add(tar, "usr/local/bin/haproxy", pathlib.Path("/usr/bin/dash").read_bytes(), mode=0o755)
    return [first.getvalue(), second.getvalue()]


def config_of(layers):
    return json.dumps({"os": "linux", "architecture": "amd64", "created": CREATED,
                       "rootfs": {"type": "layers", "diff_ids": [digest_of(each) for each in layers]}}).encode()


def write_layout(path, layers, packed):
    config = config_of(layers)
    manifest = json.dumps({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest_of(config), "size": len(config)},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest_of(each), "size": len(each)}
                   for each in packed]}).encode()
    index = json.dumps({"schemaVersion": 2, "manifests": [{
        "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest_of(manifest), "size": len(manifest),
        "annotations": {"org.opencontainers.image.ref.name": "registry.example/this/machine:1"}}]}).encode()
    with tarfile.open(path, "w") as tar:
        for blob in [*packed, config, manifest]:
            add(tar, "blobs/sha256/" + digest_of(blob)[7:], blob)
        add(tar, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        add(tar, "index.json", index)


def write_saved(path, layers):
    """As docker save before 25."""
    config = config_of(layers)
    with tarfile.open(path, "w") as tar:
        for i, each in enumerate(layers):
            add(tar, f"{i}/layer.tar", each)
        add(tar, "config.json", config)
        add(tar, "manifest.json", json.dumps([{
            "Config": "config.json", "RepoTags": ["registry.example/this/machine:1"],
            "Layers": [f"{i}/layer.tar" for i in range(len(layers))]}]).encode())


def read(archive, folder):
    done = subprocess.run([SBOM_OF, archive, folder], capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(done.stderr)
    return (*(json.loads((pathlib.Path(folder) / name).read_text()) for name in ("spdx.json", "cyclonedx.json")), done.stdout)


def normalised(name):
    return re.sub(r"[-_.]+", "-", name).lower()


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        layers = layers_of_this_machine()
        layout, saved = (os.path.join(cls.folder.name, name) for name in ("layout.tar", "saved.tar"))
        write_layout(layout, layers, [gzip.compress(each, 1, mtime=0) for each in layers])
        write_saved(saved, layers)
        cls.spdx, cls.cyclonedx, cls.said = read(layout, cls.folder.name)
        cls.of_saved = read(saved, cls.folder.name)
        read(layout, cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def packages(self, kind):
        return {(each["name"], each["version"]) for each in self.cyclonedx["components"]
                if each.get("purl", "").startswith(f"pkg:{kind}/")}

    def test_has_the_packages_that_dpkg_has(self):
        said = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}\t${Package}\t${Version}\t${source:Package}\n"],
                              capture_output=True, text=True, check=True).stdout
        wanted = {tuple(line.split("\t")[1:3]) for line in said.splitlines()
                  if line.split("\t")[0] not in ("config-files", "not-installed")}
        self.assertGreater(len(wanted), 100)
        self.assertEqual(self.packages("deb"), wanted)

    def test_knows_the_source_packages_that_dpkg_knows(self):
        said = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}\t${Package}\t${Version}\t${source:Package} ${source:Version}\n"],
                              capture_output=True, text=True, check=True).stdout
        wanted = {tuple(line.split("\t")[1:]) for line in said.splitlines() if line.startswith("installed")}
        found = set()
        for each in self.cyclonedx["components"]:
            if each.get("purl", "").startswith("pkg:deb/"):
                of = {p["name"]: p["value"] for p in each["properties"]}
                found.add((each["name"], each["version"], of.get("raykeep:source", each["name"]) + " " +
                           of.get("raykeep:source-version", each["version"])))
        self.assertEqual(found, wanted)

    def test_has_the_distributions_that_python_has(self):
        wanted = {(normalised(each.name), each.version) for each in importlib.metadata.distributions(path=[str(DIST)])}
        self.assertGreater(len(wanted), 5)
        self.assertEqual({(normalised(name), version) for name, version in self.packages("pypi")}, wanted)

    def test_lists_the_program_that_is_nobodys_and_only_that(self):
        files = [each["name"] for each in self.cyclonedx["components"] if each["type"] == "file"]
        self.assertEqual(files, ["/usr/local/bin/haproxy"])
        self.assertIn("listed as files", json.dumps(self.spdx))

    def test_both_documents_say_the_same(self):
        of_spdx = {ref["referenceLocator"] for each in self.spdx["packages"] for ref in each.get("externalRefs", [])}
        of_cyclonedx = {each["purl"] for each in self.cyclonedx["components"] if "purl" in each}
        self.assertEqual(of_spdx - of_cyclonedx, {self.cyclonedx["metadata"]["component"]["purl"]})
        self.assertEqual(self.spdx["creationInfo"]["created"], "2024-05-01T10:00:00Z")

    def test_an_older_archive_has_the_same_packages(self):
        self.assertEqual(self.of_saved[1]["components"], self.cyclonedx["components"])


def speed(megabytes):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "layer")
        with open(path, "wb") as out, gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1, mtime=0) as packed:
            with tarfile.open(fileobj=packed, mode="w|") as tar:
                add(tar, "lib", link="usr/lib")
                add(tar, "bin", link="usr/bin")
                for base in ["/var/lib/dpkg", "/usr/bin", "/usr/lib"]:
                    for parent, _, names in os.walk(base):
                        for name in names if out.tell() < megabytes << 20 else []:
                            tar.add(os.path.join(parent, name))
                raw = tar.offset
        layer = pathlib.Path(path).read_bytes()
        archive = os.path.join(folder, "layout.tar")
        write_layout(archive, [b""], [layer])
        began = time.monotonic()
        subprocess.run(f"gunzip -c < {path} > /dev/null", shell=True, check=True)
        gunzip = time.monotonic() - began
        done = subprocess.run([SBOM_OF, archive, folder], capture_output=True, text=True, check=False)
        print(f"layer of {len(layer) / 1e6:.0f} MB, {raw / 1e6:.0f} MB unpacked; gunzip alone {gunzip:.2f} s")
        print(done.stdout.splitlines()[0] if done.returncode == 0 else done.stderr)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--speed"]:
        speed(int(sys.argv[2]))
    elif sys.argv[1:2] == ["--keep"]:
        with tempfile.TemporaryDirectory() as scratch:
            machine = layers_of_this_machine()
            write_layout(os.path.join(scratch, "layout.tar"), machine, [gzip.compress(each, 1, mtime=0) for each in machine])
            print(read(os.path.join(scratch, "layout.tar"), sys.argv[2])[2], end="")
    else:
        unittest.main()
