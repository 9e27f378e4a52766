#!/bin/sh
# The Debian packages: they build, lintian finds no error, and what they hold works where it is unpacked.
. "$(dirname "$0")/../scripts/support/check.sh"

for needed in dpkg-buildpackage dh lintian; do
  if ! command -v "$needed" >/dev/null 2>&1; then
    echo "$needed is not installed (Debian: dpkg-dev, debhelper, lintian), so no packages are built."
    exit 77
  fi
done

check 'the packages are built' "$top/tools/debian.sh" --no-install --output "$work/packages"
root=$work/root
mkdir "$root"
for package in libjtrace0 libjtrace-auto0 libjtrace-dev jtrace-tools; do
  check "there is $package" dpkg-deb -x "$work/packages/${package}"_*.deb "$root"
done
check 'the library says what it depends on' dpkg-deb -f "$work/packages/libjtrace0"_*.deb Depends
printed 'on libcurl' libcurl
printed 'on spdlog' libspdlog
has_not_printed 'on nothing of the tools' thrift

libdir=$root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)
export LD_LIBRARY_PATH="$libdir" PKG_CONFIG_PATH="$libdir/pkgconfig"
for tool in jtrace-send jtrace-collector; do
  check "$tool runs" "$root/usr/bin/$tool" --version
  holds "$tool has a man page" [ -e "$root/usr/share/man/man1/$tool.1.gz" ]
done
# shellcheck disable=SC2046 # a list of words
check 'a program builds' c++ -std=c++20 "$here/consumer/main.cpp" -o "$work/program" \
  $(pkg-config --define-variable=prefix="$root/usr" --cflags --libs jtrace)
check 'and runs' "$work/program"
finish
