#!/usr/bin/env python3
"""Runs clang-tidy over src/, and not again over what it found clean: a clean file is remembered under the hash of
itself, of every project header it reaches and of .clang-tidy, in the cache that the builds use."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "raykeep/tidy"
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def reached(path: pathlib.Path, seen: set) -> None:
    if path in seen or not path.exists():
        return
    seen.add(path)
    for header in INCLUDE.findall(path.read_text()):
        reached(ROOT / "src" / header, seen)


def key(path: pathlib.Path) -> str:
    seen: set = set()
    reached(path, seen)
    digest = hashlib.sha256((ROOT / ".clang-tidy").read_bytes())
    for part in sorted(seen):
        digest.update(str(part.relative_to(ROOT)).encode() + part.read_bytes())
    return digest.hexdigest()


def check(path: pathlib.Path, build: pathlib.Path) -> str:
    """What clang-tidy says of one file; empty when clean."""
    mark = CACHE / key(path)
    if mark.exists():
        return ""
    done = subprocess.run(["clang-tidy-19", "--quiet", "-p", build, path], capture_output=True, text=True)
    if done.returncode == 0:
        mark.touch()
        return ""
    return done.stdout + "\n".join(line for line in done.stderr.splitlines() if "error" in line)


def main() -> int:
    build = ROOT / "build/release"
    if not (build / "compile_commands.json").exists():
        subprocess.run(["cmake", "--preset", "release"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", build, "--target", "ray_protos"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    CACHE.mkdir(parents=True, exist_ok=True)
    # Precompiled headers are left out of the commands: clang-tidy reads the sources itself.
    known = json.loads((build / "compile_commands.json").read_text())
    for entry in known:
        entry["command"] = re.sub(r"-Xclang -include-pch -Xclang \S+|-Xclang -include -Xclang \S+|-Winvalid-pch|"
                                  r"-fpch-instantiate-templates", "", entry["command"])
    folder = build / "tidy"
    folder.mkdir(exist_ok=True)
    (folder / "compile_commands.json").write_text(json.dumps(known))
    sources = sorted({pathlib.Path(e["file"]) for e in known if f"{ROOT}/src/" in e["file"]
                      and not e["file"].endswith("_test.cc")})
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        faults = [text for text in pool.map(lambda path: check(path, folder), sources) if text]
    print("\n".join(faults)[-20000:], end="")
    print(f"tidy: {len(sources)} files, {len(faults)} with faults")
    return 1 if faults or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
