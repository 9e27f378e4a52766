# A Debian 12 with nothing in it but what debootstrap puts there, in $system. Sourced after check.sh; needs root and a mirror of Debian
# (JTRACE_DEBIAN_MIRROR names another one); takes a minute. What cannot make one skips the test.
# shellcheck shell=sh

system=$work/system

skip() {
  echo "$1"
  exit 77
}

# make_bare_system [PACKAGE,PACKAGE...]: with these beside the least.
make_bare_system() {
  command -v debootstrap >/dev/null 2>&1 || skip 'debootstrap is not installed (Debian: debootstrap), so no bare system is made.'
  [ "$(id -u)" -eq 0 ] || skip 'A bare system can only be made by root.'
  mirror=${JTRACE_DEBIAN_MIRROR:-http://deb.debian.org/debian}
  check 'a bare Debian 12 is made' debootstrap --variant=minbase ${1:+"--include=$1"} bookworm "$system" "$mirror"
  [ "$failures" -eq 0 ] || finish
  # How this machine reaches mirrors and names.
  cp /etc/resolv.conf "$system/etc/resolv.conf" 2>/dev/null || true
  cp /etc/apt/apt.conf.d/* "$system/etc/apt/apt.conf.d/" 2>/dev/null || true
  [ ! -e /etc/apt/auth.conf ] || cp /etc/apt/auth.conf "$system/etc/apt/"
}
