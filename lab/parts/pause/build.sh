#!/bin/bash
# The image of a pod's sandbox.
# uses: ../image.py
set -euo pipefail
mkdir root
clang-19 -Os -static -o root/pause "$PART/pause.c"
strip root/pause
"$PARTS/image.py" lab/pause:1 root "$OUT/pause.tar" --user 65535 --entrypoint /pause
