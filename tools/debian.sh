#!/bin/sh
# Builds Debian packages of jtrace by packaging/debian: libjtrace0, libjtrace-dev and jtrace-tools.
# Runs in any POSIX shell. `tools/debian.sh --help` tells the rest.
set -eu

program=debian.sh
started_in=$(pwd)
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"

. "$top/tools/lib/output.sh"
. "$top/tools/lib/packages.sh"

usage() {
  cat <<'USAGE'
Usage: tools/debian.sh [--output DIR] [--check] [--no-install]

Installs what the build needs (Debian 12, Ubuntu 24.04; it says which packages), copies the tree aside, builds packages for this
machine and looks at them with lintian, where that is installed.

  --output DIR   where the packages go (default: build-debian)
  --check        run the unit tests while building, as a build daemon does
  --no-install   install nothing, whatever is missing
  --help         print this

Exit codes: 0 the packages are there; 1 the build or lintian failed; 2 usage; 3 packages or tools are missing.
USAGE
}

clean_up() {
  [ -z "$busy" ] || kill "$busy" 2>/dev/null || true
  rm -rf "$scratch"
}

prepare() {
  busy=''
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/jtrace-debian.XXXXXX")
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

# The tree without what was built in it, and with debian/ where Debian's tools look for it.
copy_tree() {
  mkdir "$scratch/jtrace"
  tar -c --exclude=./.git --exclude='./build*' . | tar -x -C "$scratch/jtrace"
  mv "$scratch/jtrace/packaging/debian" "$scratch/jtrace/debian"
}

build() {
  [ "$check" = yes ] || export DEB_BUILD_OPTIONS="nocheck ${DEB_BUILD_OPTIONS-}"
  [ "$check" = yes ] || export DEB_BUILD_PROFILES="nocheck ${DEB_BUILD_PROFILES-}"
  run_quietly 'Building packages' "$scratch/log" sh -c "cd '$scratch/jtrace' && exec dpkg-buildpackage -b -us -uc -j$(nproc)" || exit 1
  mkdir -p "$output"
  mv "$scratch"/*.deb "$scratch"/*.changes "$scratch"/*.buildinfo "$output"
}

# An error of lintian's is a mistake in the recipe; what is less than that depends on who publishes the packages.
look() {
  if command -v lintian >/dev/null 2>&1; then
    run_quietly 'Looking at them with lintian' "$scratch/lintian" lintian --allow-root --fail-on error \
      --suppress-tags bogus-mail-host,initial-upload-closes-no-bugs "$output"/*.changes || exit 1
    cat "$scratch/lintian"
  else
    say 'lintian is not installed (Debian: lintian), so it is not asked about the packages.'
  fi
}

may_install=yes check=no output=build-debian
while [ $# -gt 0 ]; do
  case $1 in
    --no-install) may_install=no ;;
    --check) check=yes ;;
    --output)
      [ $# -gt 1 ] || fail 2 '--output needs a directory.'
      case $2 in /*) output=$2 ;; *) output=$started_in/$2 ;; esac
      shift
      ;;
    --help | -h)
      usage
      exit 0
      ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
  shift
done

prepare
# shellcheck disable=SC2086,SC2154 # one word per package is what is meant; packages.sh sets it
ensure_packages "$may_install" $debian_packages
command -v dpkg-buildpackage >/dev/null 2>&1 && command -v dh >/dev/null 2>&1 ||
  fail 3 'dpkg-buildpackage and dh are needed (Debian: dpkg-dev, debhelper).'
copy_tree
build
look
for package in "$output"/*.deb; do say "$package"; done
