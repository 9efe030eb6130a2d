#!/bin/sh
# Runs the tests of the prefilter as a 64-bit Arm program, under qemu, so that the NEON screen is run at all:
#
#   sudo tests/arm64.sh DIR [FILTER]      DIR is made, some 2 GB; FILTER is a test's name, `prefilter` by default
#
# It needs Debian's debootstrap and its package mirror. In DIR a Debian trixie gets rustc and the standard library for
# arm64 from trixie-backports, a cross linker and qemu-user; this checkout and cargo's registry are mounted in it, and
# crates are taken from there, so run `cargo fetch` first. About half an hour the first time, two minutes then.
# Speed cannot be measured this way.
set -eu

dir=${1:?usage: tests/arm64.sh DIR [FILTER]}
filter=${2:-prefilter}
here=$(CDPATH='' cd -- "${0%/*}/.." && pwd)
registry=${CARGO_HOME:-$HOME/.cargo}/registry
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

install() {
  chroot "$dir" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

if [ ! -e "$dir/ready" ]; then
  debootstrap --variant=minbase trixie "$dir" "$mirror"
  printf 'deb %s %s main\n' "$mirror" trixie "$mirror" trixie-backports >"$dir/etc/apt/sources.list"
  chroot "$dir" dpkg --add-architecture arm64
  chroot "$dir" apt-get update
  install -t trixie-backports rustc cargo libstd-rust-dev libstd-rust-dev:arm64
  install gcc gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
  touch "$dir/ready"
fi

mkdir -p "$dir/src" "$dir/cargo/registry"
trap 'umount "$dir/src" "$dir/cargo/registry" "$dir/proc" 2>/dev/null || true' EXIT
mount --bind "$here" "$dir/src"
mount --bind "$registry" "$dir/cargo/registry"
mount -t proc proc "$dir/proc"

chroot "$dir" env \
  HOME=/root CARGO_HOME=/cargo CARGO_TARGET_DIR=/target CARGO_PROFILE_DEV_DEBUG=0 \
  CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
  CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc \
  CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER='qemu-aarch64 -L /usr/aarch64-linux-gnu' \
  cargo test --manifest-path /src/Cargo.toml --offline --locked --target aarch64-unknown-linux-gnu \
  -p stopleak-core --lib "$filter"
