#!/usr/bin/python3
"""Writes go.mod and go.sum for a module that builds another module's own commands.

`go install m@v` refuses modules with replace directives, and Kubernetes and Cilium have them. So
we write a module of our own with the same requirements. Requirements that the original replaces by
folders of its repository (Kubernetes' staging modules) are published too, under --staging VERSION.

  gomod.py k8s.io/kubernetes v1.34.4 --staging v0.34.4 [--drop PATH] [--pin PATH@VERSION] ...
"""
import argparse
import json
import pathlib
import shutil
import subprocess


def go(*words: str) -> str:
    return subprocess.run(["go", *words], stdout=subprocess.PIPE, text=True, check=True).stdout


def main() -> None:
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("module")
    args.add_argument("version")
    args.add_argument("--staging", help="version of the modules replaced by local folders")
    args.add_argument("--drop", action="append", default=[], help="a requirement to leave out")
    args.add_argument("--pin", action="append", default=[], help="PATH@VERSION in place of theirs")
    args = args.parse_args()
    pins = dict(pin.split("@") for pin in args.pin)

    folder = json.loads(go("mod", "download", "-json", f"{args.module}@{args.version}"))["Dir"]
    theirs = json.loads(go("mod", "edit", "-json", f"{folder}/go.mod"))
    replaced = theirs.get("Replace") or []
    staged = {r["Old"]["Path"] for r in replaced if r["New"]["Path"].startswith("./")}

    lines = ["module raykeep.lab/part", "", f"go {theirs['Go']}", ""]
    lines += [f"godebug {g['Key']}={g['Value']}" for g in theirs.get("Godebug") or []]
    lines += [f"require {args.module} {args.version}"]
    for required in theirs["Require"]:
        path, version = required["Path"], required["Version"]
        if path not in args.drop:
            version = args.staging if path in staged else pins.get(path, version)
            lines.append(f"require {path} {version}")
    for r in replaced:
        old, new = r["Old"]["Path"], r["New"]
        if old in staged:
            lines.append(f"replace {old} => {old} {args.staging}")
        else:
            lines.append(f"replace {old} => {new['Path']} {new.get('Version', '')}")
    pathlib.Path("go.mod").write_text("\n".join(lines) + "\n")
    shutil.copyfile(f"{folder}/go.sum", "go.sum")
    print(folder)


main()
