"""raykeep bundle with real registries: what goes in comes out, whoever interrupts it."""
import base64
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import time

import pytest
from registries import PASSWORD, USER, Registry, Road, put_image, run

RAYKEEP = os.environ["RAYKEEP"]
POINTS = 50 if "RAYKEEP_SOAK" in os.environ else 6
MB = 1 << 20
ENVIRONMENT = {"PATH": os.environ["PATH"], "COSIGN_PASSWORD": "open sesame"}


def raykeep(*args, check=True, **more):
    return run(RAYKEEP, *args, check=check, env=ENVIRONMENT, **more)


@pytest.fixture(scope="session")
def outside(tmp_path_factory):
    made = Registry(tmp_path_factory.mktemp("outside"))
    put_image(made, "lab/ray:1", 1, [6 * MB, 3 * MB, 70_000])
    put_image(made, "lab/ray:2", 2, [6 * MB, 3 * MB, 70_000])
    put_image(made, "lab/redis:7", 3, [6 * MB, 2 * MB])
    put_image(made, "lab/both:1", 4, [6 * MB, 1 * MB], platforms=("amd64", "arm64"))
    yield made
    made.stop()


@pytest.fixture
def inside(tmp_path):
    made = Registry(tmp_path / "inside", guarded=True)
    yield made
    made.stop()


@pytest.fixture
def bare(tmp_path):
    """A registry inside that asks for nothing, so that a Road can lead to it."""
    made = Registry(tmp_path / "bare")
    yield made
    made.stop()


@pytest.fixture(scope="session")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    raykeep("bundle", "keygen", "--to", folder)
    return folder


class Maker:
    def __init__(self, outside, keys, folder):
        self.outside, self.keys, self.folder = outside, keys, folder

    def create(self, name, *images, host=None, more=(), **rest):
        return raykeep("bundle", "create", self.folder / name, *(f"--image={host or self.outside.host}/{i}" for i in images), "--plain-http",
                       "--no-program", "--key", self.keys / "cosign.key", *more, **rest)

    def verify(self, name, **rest):
        return raykeep("bundle", "verify", self.folder / name, "--key", self.keys / "cosign.pub", **rest)

    def push(self, name, registry, *more, host=None, **rest):
        done = raykeep("bundle", "push", self.folder / name, "--key", self.keys / "cosign.pub", "--registry", f"{host or registry.host}/m",
                       "--write-lock", self.folder / "images.lock", "-o", "json", *registry.flags, *more, **rest)
        return json.loads(done.stdout) if done.returncode == 0 else done


@pytest.fixture
def maker(outside, keys, tmp_path):
    return Maker(outside, keys, tmp_path)


def test_what_goes_in_comes_out(maker, outside, inside, tmp_path):
    (tmp_path / "model.bin").write_bytes(os.urandom(100_000))
    (tmp_path / "site.yaml").write_text(
        f"apiVersion: raykeep.io/v1\nkind: Site\nmetadata: {{name: s}}\nspec:\n  tls: {{mode: none}}\n  airGapped: true\n"
        f"  images: {{registry: {inside.host}/m}}\n")
    (tmp_path / "pod.yaml").write_text(f"apiVersion: v1\nkind: Pod\nspec: {{containers: [{{name: a, image: '{outside.host}/lab/redis:7'}}]}}\n")
    maker.create("b", "lab/ray:1", more=["-f", tmp_path / "pod.yaml", "--site", tmp_path / "site.yaml", "--file", tmp_path / "model.bin"])
    assert "3 images, 3 files" in maker.verify("b").stdout
    # The Site is in the bundle: it says where to.
    done = raykeep("bundle", "push", tmp_path / "b", "--key", maker.keys / "cosign.pub", *inside.flags, cwd=tmp_path)
    assert "3 images (0 were there)" in done.stdout and "hosts.toml" in done.stdout, done.stdout
    lock = (tmp_path / "images.lock").read_text()
    for image in ("lab/ray:1", "lab/redis:7"):
        assert inside.digest(f"m/{image}") == outside.digest(image)
        assert outside.digest(image) in lock
    assert inside.digest("m/raykeep:0.1.0") in lock
    raykeep("bundle", "extract", tmp_path / "b", "--key", maker.keys / "cosign.pub", "--to", tmp_path / "out")
    for name in ("model.bin", "site.yaml", "pod.yaml"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / name).read_bytes()
    # Raykeep's image, made of the program, runs.
    run("skopeo", "copy", "-q", "--src-tls-verify=false", "--src-creds", f"{USER}:{PASSWORD}", f"docker://{inside.host}/m/raykeep:0.1.0",
        f"dir:{tmp_path}/own")
    layer = json.loads((tmp_path / "own/manifest.json").read_text())["layers"][0]["digest"].split(":")[1]
    run("tar", "-xf", tmp_path / "own" / layer, "-C", tmp_path)
    assert run(tmp_path / "raykeep", "version").stdout == raykeep("version").stdout


def test_others_read_what_we_write(maker, outside, tmp_path):
    maker.create("b", "lab/ray:1", "lab/both:1", more=["--platform", "all"])
    name = f"{outside.host}/lab/ray:1"
    assert json.loads(run("skopeo", "inspect", f"oci-archive:{tmp_path}/b:{name}").stdout)["Digest"] == outside.digest("lab/ray:1")
    run("skopeo", "copy", "-q", f"oci-archive:{tmp_path}/b:{name}", f"dir:{tmp_path}/copied")
    run("tar", "-xf", tmp_path / "b", "-C", tmp_path)
    (tmp_path / "der").write_bytes(base64.b64decode((tmp_path / "raykeep/contents.sig").read_text()))
    run("openssl", "dgst", "-sha256", "-verify", maker.keys / "cosign.pub", "-signature", tmp_path / "der", tmp_path / "raykeep/contents.json")
    for blob in (tmp_path / "blobs/sha256").iterdir():
        assert run("sha256sum", blob).stdout.split()[0] == blob.name


def test_the_same_input_gives_the_same_bytes(maker, tmp_path):
    for name in ("one", "two"):
        maker.create(name, "lab/ray:1", "lab/redis:7")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_platforms_are_chosen(maker, outside, bare, tmp_path):
    amd64 = json.loads(run("skopeo", "inspect", "--raw", *outside.skopeo, f"docker://{outside.host}/lab/both:1").stdout)["manifests"][0]["digest"]
    maker.create("one", "lab/both:1")
    maker.create("all", "lab/both:1", more=["--platform", "all"])
    maker.push("one", bare)
    assert bare.digest("m/lab/both:1") == amd64
    maker.push("all", bare)
    assert bare.digest("m/lab/both:1") == outside.digest("lab/both:1")
    assert "not made for linux/s390x" in maker.create("none", "lab/both:1", more=["--platform", "linux/s390x"], check=False).stderr
    assert "made for linux/amd64" in maker.create("none", "lab/ray:1", more=["--platform", "linux/arm64"], check=False).stderr


def test_the_second_push_sends_nothing_and_common_blobs_are_mounted(maker, bare):
    maker.create("b", "lab/ray:1", "lab/redis:7")
    first = maker.push("b", bare)
    assert first["sent"] < 13 * MB + 100 * MB and first["there"] >= 6 * MB, first  # the common layer went once
    assert maker.push("b", bare)["sent"] == 0


def test_a_difference_carries_what_changed(maker, outside, bare, tmp_path):
    maker.create("old", "lab/ray:1")
    maker.create("new", "lab/ray:1", "lab/ray:2")
    raykeep("bundle", "diff", tmp_path / "old", tmp_path / "new", "--key", maker.keys / "cosign.key", "--to", tmp_path / "delta")
    changed = 3 * MB + 70_000
    size = (tmp_path / "delta").stat().st_size
    assert changed < size < changed * 1.05, (size, changed)
    maker.create("based", "lab/ray:1", "lab/ray:2", more=["--base", tmp_path / "old"])
    assert json.loads(raykeep("bundle", "list", tmp_path / "based", "--key", maker.keys / "cosign.pub", "-o", "json").stdout)["absentBlobs"] > 0
    refused = maker.push("delta", bare, check=False)
    assert refused.returncode == 1 and "push the bundle that this one adds to first" in refused.stderr, refused
    maker.push("old", bare)
    maker.push("delta", bare)
    for image in ("lab/ray:1", "lab/ray:2"):
        assert bare.digest(f"m/{image}") == outside.digest(image)


def test_a_registry_says_what_it_has(maker, outside, bare, tmp_path):
    without = ["--pull-raykeep", "--site", site_without_raykeep(maker, tmp_path)]
    maker.create("old", "lab/ray:1", more=without)
    maker.push("old", bare)
    maker.create("new", "lab/ray:1", "lab/ray:2", more=[*without, "--base-registry", f"{bare.host}/m"])
    changed = 3 * MB + 70_000
    size = (tmp_path / "new").stat().st_size
    assert changed < size < changed * 1.05, (size, changed)
    maker.push("new", bare)
    assert bare.digest("m/lab/ray:2") == outside.digest("lab/ray:2")


def test_archives_of_others_are_packed(maker, outside, bare, tmp_path):
    """skopeo's own two forms; an image that documents name comes from there, too."""
    source = f"docker://{outside.host}/lab/ray:1"
    run("skopeo", "copy", "-q", *outside.skopeo_source, source, f"oci-archive:{tmp_path}/oci.tar:lab/ray:1")
    run("skopeo", "copy", "-q", *outside.skopeo_source, source, f"docker-archive:{tmp_path}/docker.tar:lab/old:1")
    run("skopeo", "copy", "-q", *outside.skopeo_source, source, f"oci-archive:{tmp_path}/nameless.tar")
    (tmp_path / "pod.yaml").write_text("kind: Pod\napiVersion: v1\nspec: {containers: [{name: a, image: lab/ray:1}]}\n")
    done = maker.create("b", more=["-f", tmp_path / "pod.yaml", "--from", tmp_path / "oci.tar", "--from", tmp_path / "docker.tar",
                                   "--from", f"own/name:2={tmp_path}/nameless.tar"])
    assert "4 images" in done.stdout and "has no manifest" in done.stderr, done
    maker.verify("b")
    maker.push("b", bare)
    assert bare.digest("m/lab/ray:1") == outside.digest("lab/ray:1") == bare.digest("m/own/name:2")
    run("skopeo", "inspect", *bare.skopeo, f"docker://{bare.host}/m/lab/old:1")
    assert "has no name" in maker.create("c", more=["--from", tmp_path / "nameless.tar"], check=False).stderr
    run("gzip", "-1", tmp_path / "oci.tar")
    assert "gunzip" in maker.create("c", more=["--from", tmp_path / "oci.tar.gz"], check=False).stderr


def test_parts_for_small_media(maker, bare, tmp_path):
    maker.create("b", "lab/ray:1", more=["--split", "4Mi"])
    assert not (tmp_path / "b").exists() and (tmp_path / "b.003").exists()
    run("sha256sum", "-c", "b.sha256", cwd=tmp_path)
    maker.verify("b")
    maker.verify("b.001")
    assert maker.push("b.001", bare)["sent"] > 9 * MB
    (tmp_path / "b.002").unlink()
    assert "bundle" in maker.verify("b", check=False).stderr


def test_who_may_not_is_told_what_to_do(maker, inside, tmp_path):
    maker.create("b", "lab/redis:7")
    (tmp_path / "wrong.json").write_text(json.dumps({"auths": {inside.host: {"username": USER, "password": "guess"}}}))
    (tmp_path / "none.json").write_text("{}")
    trust = ["--registry-ca", inside.folder / "crt"]
    command = ["bundle", "push", tmp_path / "b", "--key", maker.keys / "cosign.pub", "--registry", f"{inside.host}/m"]
    for flags, said in ((["--authfile", tmp_path / "wrong.json", *trust], "the login may not do this"),
                        (["--authfile", tmp_path / "none.json", *trust], "log in (docker login"),
                        (["--authfile", tmp_path / "none.json"], "certificate")):
        done = raykeep(*command, *flags, check=False)
        assert done.returncode == 1 and said in done.stderr, done.stderr
        assert PASSWORD not in done.stderr + done.stdout and "guess" not in done.stderr
    assert "not of the key" in raykeep("bundle", "verify", tmp_path / "b", "--key", other_key(tmp_path), check=False).stderr


def test_a_login_may_be_kept_by_a_helper(maker, inside, tmp_path):
    maker.create("b", "lab/redis:7")
    (tmp_path / "docker-credential-lab").write_text(f"""#!/bin/sh
test "$1" = get && host=$(cat) && test "$host" = {inside.host} && echo '{{"Username": "{USER}", "Secret": "{PASSWORD}"}}'
""")
    (tmp_path / "docker-credential-lab").chmod(0o755)
    (tmp_path / "helped.json").write_text(json.dumps({"credsStore": "lab"}))
    command = [RAYKEEP, "bundle", "push", tmp_path / "b", "--key", maker.keys / "cosign.pub", "--registry", f"{inside.host}/m", "--write-lock",
               tmp_path / "lock", "--authfile", tmp_path / "helped.json", "--registry-ca", inside.folder / "crt"]
    done = run(*command, env=ENVIRONMENT | {"PATH": f"{tmp_path}:{ENVIRONMENT['PATH']}"})
    assert PASSWORD not in done.stdout + done.stderr
    missing = run(*command, env=ENVIRONMENT, check=False)
    assert missing.returncode == 1 and "docker-credential-lab" in missing.stderr, missing


def other_key(folder) -> pathlib.Path:
    (folder / "other").mkdir()
    raykeep("bundle", "keygen", "--to", folder / "other")
    return folder / "other/cosign.pub"


def killed(command, after: float) -> bool:
    """Whether kill -9 came before the end."""
    process = subprocess.Popen([str(c) for c in command], env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def test_a_creation_that_was_killed_goes_on(maker, outside, tmp_path):
    road = Road(outside.port, rate=8 * MB)
    random.seed(41)
    hits = 0
    for point in range(POINTS):
        name = f"k{point}"
        command = [RAYKEEP, "bundle", "create", tmp_path / name, f"--image={road.host}/lab/ray:1", f"--image={road.host}/lab/redis:7", "--plain-http",
                   "--no-program", "--key", maker.keys / "cosign.key"]
        hits += killed(command, random.uniform(0.05, 1.3))
        assert not (tmp_path / name).exists() or maker.verify(name)
        made = json.loads(raykeep(*command[1:], "-o", "json").stdout)
        # A blob goes on where it was, but for the last half-written pages of each of those that were under way.
        assert made["fetched"] + made["kept"] <= 11 * MB + 70_000 + 8 * 8192, made
        maker.verify(name)
        (tmp_path / name).unlink()
    assert hits >= POINTS / 2
    road.close()


def test_a_push_that_was_killed_goes_on(maker, bare, tmp_path):
    maker.create("b", "lab/ray:1", "lab/redis:7", more=["--pull-raykeep", "--site", site_without_raykeep(maker, tmp_path)])
    whole = 11 * MB + 70_000
    random.seed(42)
    hits = 0
    for point in range(POINTS):
        road = Road(bare.port, rate=8 * MB)
        prefix = f"{road.host}/p{point}"
        command = [RAYKEEP, "bundle", "push", tmp_path / "b", "--key", maker.keys / "cosign.pub", "--registry", prefix, "--write-lock",
                   tmp_path / "lock", "--plain-http"]
        hits += killed(command, random.uniform(0.05, 0.9))
        road.rate = None
        said = json.loads(raykeep(*command[1:], "-o", "json").stdout)
        assert said["sent"] <= whole + 10_000
        for image in ("lab/ray:1", "lab/redis:7"):
            assert bare.digest(f"p{point}/{image}") == maker.outside.digest(image)
        road.close()
    assert hits >= POINTS / 2


def site_without_raykeep(maker, folder) -> pathlib.Path:
    """The bundle has two images, then: Raykeep's name is one of them."""
    file = folder / "small-site.yaml"
    file.write_text("apiVersion: raykeep.io/v1\nkind: Site\nmetadata: {name: s}\nspec:\n  tls: {mode: none}\n"
                    f"  images: {{raykeep: '{maker.outside.host}/lab/redis:7'}}\n")
    return file


@pytest.mark.parametrize("way", ["fetched", "sent"])
def test_a_bad_road_is_travelled(maker, outside, bare, tmp_path, way):
    """Cut, refused and slowed; nothing but the time it takes shows it."""
    maker.create("b", "lab/ray:1", "lab/redis:7")
    random.seed(43)
    for point in range(POINTS):
        road = Road(outside.port if way == "fetched" else bare.port)
        road.said = random.choice([[], [b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"] * 2,
                                   [b"HTTP/1.1 429 Slowly\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"], [b""]])
        road.cut = random.randrange(1000, 14 * MB)
        if way == "fetched":
            maker.create(f"r{point}", "lab/ray:1", host=road.host)
            maker.verify(f"r{point}")
        else:
            done = raykeep("bundle", "push", tmp_path / "b", "--key", maker.keys / "cosign.pub", "--registry", f"{road.host}/r{point}",
                           "--write-lock", tmp_path / "lock", "--plain-http", "-o", "json")
            assert json.loads(done.stdout)["sentTwice"] <= 14 * MB
            assert bare.digest(f"r{point}/lab/ray:1") == outside.digest("lab/ray:1")
        road.close()


def test_a_registry_that_starts_again_in_the_middle(maker, bare, tmp_path):
    maker.create("b", "lab/ray:1")
    road = Road(bare.port, rate=6 * MB)
    process = subprocess.Popen([RAYKEEP, "bundle", "push", tmp_path / "b", "--key", maker.keys / "cosign.pub", "--registry", f"{road.host}/m",
                                "--write-lock", tmp_path / "lock", "--plain-http"], env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)
    time.sleep(0.6)
    bare.stop()
    bare.start()
    assert process.wait(60) == 0, process.stderr.read()
    assert bare.digest("m/lab/ray:1") == maker.outside.digest("lab/ray:1")
    road.close()


def test_a_full_disk_leaves_nothing_half_done(maker, outside, tmp_path):
    """In a file system of 8 MiB, which is made larger."""
    disk = tmp_path / "disk"
    disk.mkdir()
    create = f"{RAYKEEP} bundle create {disk}/b --image={outside.host}/lab/ray:1 --plain-http --no-program --key {maker.keys}/cosign.key"
    script = f"""mount -t tmpfs -o size=8m none {disk} || exit 9
{create}; echo "first $?"; ls {disk}
mount -o remount,size=200m {disk}; {create}; echo "second $?"; ls {disk}
{RAYKEEP} bundle verify {disk}/b --key {maker.keys}/cosign.pub; echo "verified $?" """
    done = run("unshare", "-m", "sh", "-c", script, env=ENVIRONMENT)
    assert "first 1" in done.stdout and "MiB free" in done.stderr, done
    assert "second 0" in done.stdout and "verified 0" in done.stdout, done
    between = re.search(r"first 1\n(.*?)[^\n]*MiB", done.stdout, re.S)
    assert between and "b\n" not in between.group(1).split("b.partial\n"), done.stdout


def test_no_credential_is_seen(maker, inside, tmp_path):
    """Neither in what is printed nor in what other processes see."""
    maker.create("b", "lab/redis:7")
    command = [RAYKEEP, "bundle", "push", tmp_path / "b", "--key", maker.keys / "cosign.pub", "--registry", f"{inside.host}/m", "--write-lock",
               tmp_path / "lock", *inside.flags]
    process = subprocess.Popen([str(c) for c in command], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seen = pathlib.Path(f"/proc/{process.pid}/cmdline").read_text()
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 0, output
    for text in (seen, output, (tmp_path / "lock").read_text(), (tmp_path / "b").read_bytes().decode("latin1")):
        assert PASSWORD not in text and "open sesame" not in text
