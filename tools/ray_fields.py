#!/usr/bin/env python3
"""Compares our subsets of Ray's messages (src/ray/proto) with the descriptors inside released packages of Ray.

  tools/ray_fields.py [--write] PACKAGES...

PACKAGES are folders made by `pip install --no-deps --target FOLDER ray==VERSION`; protobuf's own Python package must be
importable (PYTHONPATH). Every message, field, enum value and method of ours must be in each package under its name, number
and type. Where a version is known to differ, src/ray/proto/VERSIONS says so; anything else that differs is a fault.
--write rewrites that file from what was found: read the diff, and the code that must cope, before committing it.
"""
import importlib
import pathlib
import re
import subprocess
import sys
import tempfile
import types

PROTO = pathlib.Path(__file__).resolve().parent.parent / "src/ray/proto"
MODULES = ("gcs_service", "gcs", "autoscaler", "common")


def version_of(package):
    text = (package / "ray/_version.py").read_text()
    return re.search(r'^version = "([^"]+)"', text, re.M).group(1)


def facts(file_protos):
    """{name: number and type} of everything in these files."""
    out = {}

    def message(prefix, m):
        name = f"{prefix}.{m.name}"
        out[name] = "message"
        for f in m.field:
            kind = f.type_name.lstrip(".") or type(f).Type.Name(f.type)[5:].lower()
            out[f"{name}.{f.name}"] = f"{f.number} {'repeated ' if f.label == f.LABEL_REPEATED else ''}{kind}"
        for e in m.enum_type:
            enum(name, e)
        for n in m.nested_type:
            message(name, n)

    def enum(prefix, e):
        for v in e.value:
            out[f"{prefix}.{e.name}.{v.name}"] = str(v.number)

    for p in file_protos:
        for m in p.message_type:
            message(p.package, m)
        for e in p.enum_type:
            enum(p.package, e)
        for s in p.service:
            for m in s.method:
                out[f"{p.package}.{s.name}.{m.name}"] = f"{m.input_type.lstrip('.')} -> {m.output_type.lstrip('.')}"
    return out


def ours():
    from google.protobuf import descriptor_pb2
    with tempfile.NamedTemporaryFile() as out:
        files = [str(p) for p in sorted(PROTO.glob("*.proto")) if p.name != "health.proto"]
        subprocess.run(["protoc", f"--proto_path={PROTO}", f"--descriptor_set_out={out.name}", *files], check=True)
        return facts(descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(out.name).read_bytes()).file)


def theirs(package):
    """Imports the generated modules alone: `import ray` would load all of Ray."""
    from google.protobuf import descriptor_pb2
    for name in [m for m in sys.modules if m == "ray" or m.startswith("ray.")]:
        del sys.modules[name]
    for name in ("ray", "ray.core"):
        module = types.ModuleType(name)
        module.__path__ = [str(package / name.replace(".", "/"))]
        sys.modules[name] = module
    found = []
    for name in MODULES:
        module = importlib.import_module(f"ray.core.generated.{name}_pb2")
        found.append(descriptor_pb2.FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb))
    return facts(found)


def child(package):
    """One package per process: the descriptor pool is one per process."""
    wanted, has = ours(), theirs(package)
    for name, what in sorted(wanted.items()):
        if has.get(name) != what:
            print(f"{name}: {what}; there {has.get(name) or namesake(name, what, has)}")


def namesake(name, what, has):
    """A field of another name under our number is what does harm: the server would read it."""
    message, number = name.rpartition(".")[0], what.split()[0]
    others = [f"{n.rpartition('.')[2]}: {w}" for n, w in has.items()
              if n.rpartition(".")[0] == message and w.split()[0] == number]
    return "number taken by " + others[0] if others and number.isdigit() else "nothing"


def read_known():
    known, version = {}, None
    for line in (PROTO / "VERSIONS").read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if not line.startswith(" "):
            version = line.strip()
            known[version] = []
        else:
            known[version].append(line.strip())
    return known


def main(arguments):
    if arguments[:1] == ["--child"]:
        return child(pathlib.Path(arguments[1]))
    write = arguments[:1] == ["--write"]
    packages = [pathlib.Path(a).resolve() for a in arguments[write:]]
    if not packages:
        sys.exit(__doc__)
    found = {}
    for package in packages:
        done = subprocess.run([sys.executable, __file__, "--child", str(package)], check=True, capture_output=True, text=True)
        found[version_of(package)] = done.stdout.splitlines()
    known = read_known()
    if write:
        known.update(found)
        head = [l for l in (PROTO / "VERSIONS").read_text().splitlines() if l.startswith("#")]
        order = sorted(known, key=lambda v: [int(n) for n in re.findall(r"\d+", v)])
        lines = head + [l for v in order for l in (v, *(f"  {d}" for d in known[v]))]
        (PROTO / "VERSIONS").write_text("\n".join(lines) + "\n")
    faults = 0
    for version, differences in found.items():
        new = [d for d in differences if d not in known.get(version, [])]
        gone = [d for d in known.get(version, []) if d not in differences]
        for text in new:
            print(f"Ray {version}: {text}")
        for text in gone:
            print(f"Ray {version}: no longer so: {text}")
        faults += len(new) + len(gone) + (version not in known)
        print(f"Ray {version}: {len(differences)} known differences, {len(new) + len(gone)} new")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
