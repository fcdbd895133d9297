#!/usr/bin/python3
"""Makes an image archive (OCI layout in a tar, one gzip layer) from a folder.

  image.py NAME:TAG FOLDER OUT.tar [--user U] [--workdir D] [--env K=V]... [--entrypoint PROGRAM] [--cmd ARGUMENT]...

`ctr images import` takes the name from the archive; skopeo reads it as oci-archive:OUT.tar.
"""
import argparse
import datetime
import hashlib
import json
import os
import subprocess
import tarfile
import tempfile

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def layer(folder: str, out: str) -> tuple[str, str]:
    """Packs the folder; answers the digests of the compressed and of the plain layer."""
    # Times stay as they are: Debian's byte code is valid only beside sources of the same age.
    pack = subprocess.Popen(
        ["tar", "-C", folder, "--numeric-owner", "--sort=name", "--format=posix",
         "--pax-option=delete=atime,delete=ctime", "--xattrs", "-cf", "-", "."],
        stdout=subprocess.PIPE)
    plain = hashlib.sha256()
    with open(out, "wb") as file:
        squeeze = subprocess.Popen(["pigz", "-n", "-4"], stdin=subprocess.PIPE, stdout=file)
        while chunk := pack.stdout.read(1 << 20):
            plain.update(chunk)
            squeeze.stdin.write(chunk)
        squeeze.stdin.close()
    if pack.wait() or squeeze.wait():
        raise SystemExit(f"image.py: cannot pack {folder}")
    with open(out, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), plain.hexdigest()


def main() -> None:
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("reference")
    args.add_argument("folder")
    args.add_argument("out")
    args.add_argument("--user", default="0")
    args.add_argument("--workdir", default="/")
    args.add_argument("--env", action="append", default=[])
    args.add_argument("--entrypoint")
    args.add_argument("--cmd", action="append")
    args = args.parse_args()

    with tempfile.TemporaryDirectory(dir=os.path.dirname(os.path.abspath(args.out))) as work:
        blobs = f"{work}/blobs/sha256"
        os.makedirs(blobs)
        packed, plain = layer(args.folder, f"{work}/layer")
        os.rename(f"{work}/layer", f"{blobs}/{packed}")

        def blob(value: dict, kind: str) -> dict:
            text = json.dumps(value).encode()
            digest = hashlib.sha256(text).hexdigest()
            with open(f"{blobs}/{digest}", "wb") as file:
                file.write(text)
            return {"mediaType": kind, "digest": f"sha256:{digest}", "size": len(text)}

        run = {"User": args.user, "WorkingDir": args.workdir, "Env": [PATH, *args.env]}
        if args.entrypoint:
            run["Entrypoint"] = [args.entrypoint]
        if args.cmd:
            run["Cmd"] = args.cmd
        config = blob({
            "created": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "architecture": "amd64", "os": "linux", "config": run,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{plain}"]},
        }, "application/vnd.oci.image.config.v1+json")
        manifest = blob({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": config,
            "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
                        "digest": f"sha256:{packed}",
                        "size": os.path.getsize(f"{blobs}/{packed}")}],
        }, "application/vnd.oci.image.manifest.v1+json")
        manifest["annotations"] = {
            "io.containerd.image.name": f"docker.io/{args.reference}",
            "org.opencontainers.image.ref.name": args.reference.rsplit(":", 1)[1],
        }
        with open(f"{work}/index.json", "w") as file:
            json.dump({"schemaVersion": 2, "manifests": [manifest]}, file)
        with open(f"{work}/oci-layout", "w") as file:
            json.dump({"imageLayoutVersion": "1.0.0"}, file)
        with tarfile.open(args.out, "w") as archive:
            for name in ("oci-layout", "index.json", "blobs"):
                archive.add(f"{work}/{name}", name)


main()
