#!/bin/bash
# A Redis image: Debian bookworm's redis-server (also as redis-sentinel) and redis-cli, a shell, and nothing else.
# uses: ../image.py
set -euo pipefail
root=$PWD/root

# "extract": the packages' files and those of what they need, without running their scripts.
mmdebstrap --quiet --variant=extract --include=redis-server,redis-tools,busybox-static bookworm "$root"
ln -sf busybox "$root/bin/sh"
ln -sf redis-check-rdb "$root/usr/bin/redis-sentinel"
ln -sf redis-check-rdb "$root/usr/bin/redis-server"
echo 'redis:x:1000:1000::/data:/bin/sh' >>"$root/etc/passwd"
install -d -o 1000 -g 1000 "$root/data"
# A missing shared library shows here, not in somebody's cluster.
chroot "$root" /usr/bin/redis-server --version
chroot "$root" /usr/bin/redis-cli --version
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/lib/dpkg/info/* "$root"/usr/share/doc/* \
  "$root"/usr/share/man/* "$root"/usr/share/locale/* "$root"/var/log/*
"$PARTS/image.py" lab/redis:7 "$root" "$OUT/redis.tar" --user 1000 --workdir /data --cmd /usr/bin/redis-server
