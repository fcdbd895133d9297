#!/bin/bash
# A Ray image: Debian bookworm, its Python 3.11 and Ray from PyPI, run by uid 1000 without root.
# uses: ../image.py
set -euo pipefail
version=${VERSION:-2.60.0}
root=$PWD/root

# Debian's own Python and pip: what /usr/bin/python3 installs, the image's python3 can import.
mmdebstrap --quiet --variant=essential \
  --include=python3,python3-distutils,ca-certificates,libgomp1,libstdc++6,wget bookworm "$root"
echo "  pip install ray[default,serve]==$version"
/usr/bin/python3 -m pip install --quiet --no-compile --root-user-action=ignore \
  --target "$root/opt/ray" "ray[default,serve]==$version"
# Packages go where every Python of the image finds them, without PYTHONPATH.
echo /opt/ray >"$root/usr/lib/python3/dist-packages/ray.pth"
cat >"$root/usr/local/bin/ray" <<'P'
#!/usr/bin/python3
import sys
from ray.scripts.scripts import main
sys.exit(main())
P
chmod +x "$root/usr/local/bin/ray"
ln -sf python3 "$root/usr/bin/python"
# Byte code that is never checked against its source: nothing writes to a read-only root, and
# Ray starts a dozen Python processes. A few vendored files are no valid Python 3: hence "|| true".
/usr/bin/python3 -m compileall -qq -j2 --invalidation-mode unchecked-hash \
  -s "$root" -p / "$root/opt/ray" >/dev/null 2>&1 || true

echo 'ray:x:1000:1000::/home/ray:/bin/bash' >>"$root/etc/passwd"
echo 'ray:x:1000:' >>"$root/etc/group"
install -d -o 1000 -g 1000 "$root/home/ray"
# A missing shared library shows here, not in somebody's cluster.
chroot "$root" /usr/local/bin/ray --version | grep -F "$version"
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* \
  "$root"/usr/share/man/* "$root"/var/log/*
"$PARTS/image.py" "lab/ray:$version" "$root" "$OUT/ray.tar" \
  --user 1000 --workdir /home/ray --env HOME=/home/ray --cmd /bin/bash
