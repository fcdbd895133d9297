#!/usr/bin/env python3
"""Proves from the includes that modules use each other only as the design says.

The allowed arrows are those written in each module's CMakeLists.txt (USES), which must in turn be among those below.
A file that includes "other/x.h" without an arrow to `other` is an error; so is a cycle, and so is a pure module that
includes a header of Asio, Beast, OpenSSL or gRPC, or one that opens sockets, reads clocks or the environment.
"""
import pathlib
import re
import sys

SRC = pathlib.Path(__file__).resolve().parent.parent / "src"

# ARCHITECTURE.md, "The house". Down only.
ALLOWED = {
    "base": set(),
    "quantity": {"base"},
    "doc": {"base"},
    "spec": {"doc", "base"},
    "flow": {"spec", "doc", "base"},
    "policy": {"flow", "spec", "doc", "base"},
    "plan": {"flow", "spec", "doc", "base"},
    "profile": {"doc", "base"},
    "report": {"plan", "flow", "spec", "doc", "base"},
    "net": {"base"},
    "pki": {"net", "base"},
    "oci": {"net", "doc", "base"},
    "sbom": {"oci", "doc", "base"},
    "bundle": {"sbom", "oci", "net", "doc", "base"},
    "kube": {"net", "doc", "base"},
    "ray": {"net", "doc", "base"},
    "redis": {"net", "base"},
    "node": {"ray", "redis", "pki", "net", "doc", "base"},
    "decide": {"base"},
    "control": {"decide", "redis", "pki", "plan", "flow", "spec", "kube", "net", "doc", "base"},
    "verify": {"control", "pki", "policy", "plan", "flow", "spec", "kube", "net", "doc", "base"},
    "preflight": {"verify", "control", "plan", "flow", "spec", "kube", "net", "doc", "base"},
    "cli": {"bundle", "oci", "preflight", "verify", "control", "node", "profile", "report", "plan", "flow", "spec", "kube", "doc", "base"},
}
PURE = {"base", "doc", "spec", "flow", "policy", "plan", "profile", "report", "decide"}
# Libraries of their own inside another module's folder.
NESTED = {"control/decide": "decide"}
# Pure parts of modules that are not.
PURE_FILES = {"node": {"daemon", "decide", "ending", "heal", "life", "observed", "readiness", "step"}}
IMPURE_HEADERS = re.compile(
    r"boost/(asio|beast)|openssl/|grpc|sys/socket|netinet/|<random>|<unistd\.h>|<sys/|getenv")
# The places where purity ends on purpose: reading a named file, and the machine's clock behind its interface.
EXCEPTIONS = {("doc", "read_file.cc"), ("doc", "document.cc")}
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)


def module_of(path: str) -> str:
    """The module of a file or an include, from its path below src."""
    for folder, module in NESTED.items():
        if path.startswith(folder + "/"):
            return module
    return path.split("/")[0]


def main() -> int:
    faults, arrows = [], {name: set() for name in ALLOWED}
    modules = {p.name for p in SRC.iterdir() if p.is_dir()}
    for module in sorted(modules - set(ALLOWED)):
        faults.append(f"src/{module}: a module without a place in tools/check_arrows.py and ARCHITECTURE.md")
    files = sorted(p for p in SRC.rglob("*") if p.suffix in {".h", ".cc"})
    for path in files:
        module = module_of(path.relative_to(SRC).as_posix())
        if module not in ALLOWED:
            continue
        for kind, header in INCLUDE.findall(path.read_text()):
            target = module_of(header)
            if kind == '"' and (target in modules or target in NESTED.values()):
                if target != module:
                    arrows[module].add(target)
                    if target not in ALLOWED[module]:
                        faults.append(f"{path.relative_to(SRC.parent)}: {module} may not include {header}")
                if not (SRC / header).exists():
                    faults.append(f"{path.relative_to(SRC.parent)}: {header} does not exist")
            pure = module in PURE or path.stem in PURE_FILES.get(module, set())
            if pure and IMPURE_HEADERS.search(header) and (module, path.name) not in EXCEPTIONS:
                faults.append(f"{path.relative_to(SRC.parent)}: {module} is pure here and may not include {header}")
    for fault in faults:
        print(fault)
    for module, targets in arrows.items():
        print(f"  {module:8} -> {', '.join(sorted(targets)) or '(nothing)'}")
    print(f"arrows: {len(files)} files, {len(faults)} faults")
    return 1 if faults or not files else 0


if __name__ == "__main__":
    sys.exit(main())
