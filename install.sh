#!/bin/sh
# Builds stopleak, puts it on PATH, wires the hooks and proves that they work:
#
#   ./install.sh                          the repository you are in
#   ./install.sh --server /srv/git/x.git  a bare repository on a git server; every argument goes to `stopleak install`
#
#   PREFIX=/usr/local ./install.sh        installs to $PREFIX/bin instead of ~/.local/bin
#   STOPLEAK_BINARY=FILE ./install.sh     installs that program instead of building one
#
# What is wired, and how, is the program's own business: see `stopleak install --help`.
set -eu

say() {
  printf 'install.sh: %s\n' "$1"
}

fail() {
  printf 'install.sh: %s\n' "$1" >&2
  exit 1
}

case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
here=$(CDPATH='' cd -- "$here" && pwd)

if [ -z "${PREFIX-}" ] && [ -z "${HOME-}" ]; then
  fail 'neither PREFIX nor HOME is set: say where to install, PREFIX=DIR ./install.sh'
fi
bin=${PREFIX:-$HOME/.local}/bin

built=${STOPLEAK_BINARY-}
if [ -n "$built" ]; then
  [ -f "$built" ] || fail "no such program: STOPLEAK_BINARY=$built"
else
  command -v cargo >/dev/null || fail 'cargo is needed to build: see https://rustup.rs, or give a program with STOPLEAK_BINARY=FILE'
  target=${CARGO_TARGET_DIR:-$here/target}
  say 'building the release program (a minute or two the first time)'
  cargo build --quiet --release --locked --package stopleak --manifest-path "$here/Cargo.toml" --target-dir "$target"
  built=$target/release/stopleak
fi

# A finished file is renamed into place: hooks that run right now never see half a program.
mkdir -p "$bin"
bin=$(CDPATH='' cd -- "$bin" && pwd)
new=$bin/.stopleak.$$
trap 'rm -f "$new"' EXIT
trap 'exit 1' HUP INT TERM
cp "$built" "$new"
chmod 755 "$new"
"$new" --version >/dev/null || fail "this program does not run here: $built"
mv -f "$new" "$bin/stopleak"
ln -sf stopleak "$bin/git-stopleak"

case ":$PATH:" in
  *":$bin:"*) ;;
  *) say "warning: $bin is not on your PATH; hooks work, but to type \`stopleak\` add: export PATH=\"$bin:\$PATH\"" ;;
esac

version=$("$bin/stopleak" --version)
if [ "$#" -eq 0 ] && ! git rev-parse --git-dir >/dev/null 2>&1; then
  say "$version is $bin/stopleak"
  say 'this folder is not in a git repository: run "stopleak install" in one'
  exit 0
fi

"$bin/stopleak" install "$@"

for arg in "$@"; do
  case $arg in --dry-run) say "$version is $bin/stopleak; nothing was wired"; exit 0 ;; esac
done

"$bin/stopleak" doctor "$@" || fail "$version is $bin/stopleak, but the doctor found something wrong: see above"
say "$version is $bin/stopleak; the hooks are wired and were seen to block a planted secret"
