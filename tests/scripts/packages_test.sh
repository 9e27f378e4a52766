#!/bin/sh
# tools/lib/packages.sh: nothing is done where nothing is missing; otherwise what is missing is installed, or said.
. "$(dirname "$0")/support/check.sh"

# A machine of our own: dpkg-query knows the packages in $installed, apt-get notes what it is asked for and obeys.
bin=$work/bin
installed=$work/installed
asked=$work/asked
mkdir -p "$bin"
touch "$installed" "$asked"
cat >"$bin/dpkg-query" <<SCRIPT
#!/bin/sh
shift 3 # -W -f FORMAT
for package in "\$@"; do
  if grep -qx -e "\$package" "$installed"; then echo installed; else echo not-installed; fi
done
SCRIPT
cat >"$bin/apt-get" <<SCRIPT
#!/bin/sh
echo "apt-get \$*" >>"$asked"
case "\$*" in *install*) [ ! -e "$work/apt-is-broken" ] || { echo 'E: no network'; exit 100; } ;; esac
SCRIPT
chmod +x "$bin/dpkg-query" "$bin/apt-get"
for command in sh cat sed grep tr tail date env mktemp; do
  ln -s "$(command -v "$command")" "$bin/$command"
done
say_id() { # id -u answers $1
  printf '#!/bin/sh\necho %s\n' "$1" >"$bin/id"
  chmod +x "$bin/id"
}
give_tools() {
  for tool in c++ meson ninja pkg-config thrift; do
    ln -s /bin/true "$bin/$tool"
  done
}
on() { printf 'ID=%s\nVERSION_ID="%s"\n' "$1" "$2" >"$work/os-release"; }
export JTRACE_OS_RELEASE="$work/os-release"

cat >"$work/ensure.sh" <<SCRIPT
set -eu
program=test scratch=$work
. "$top/tools/lib/output.sh"
. "$top/tools/lib/packages.sh"
ensure_packages "\$@"
echo went on
SCRIPT
ensure() { PATH=$bin sh "$work/ensure.sh" "$@"; }
apt_was_asked() { holds "$1" grep -q -e "$2" "$asked"; }
apt_was_not_asked() { holds "$1" [ ! -s "$asked" ]; }

on debian 12
say_id 0
printf '%s\n' meson pkgconf libother-dev >"$installed"

check 'everything there' ensure yes meson 'pkg-config|pkgconf'
holds 'is silence' [ "$(cat "$output")" = 'went on' ]
apt_was_not_asked 'and apt is not called, not even for its lists'

check 'a missing package is installed' ensure yes meson doctest-dev 'liba-dev|libb-dev' 'libc-dev|libother-dev'
printed 'and named before' 'doctest-dev liba-dev'
has_not_printed 'the ones that are there are not' libc-dev
apt_was_asked 'only what is missing is asked for, without recommendations' 'install -y --no-install-recommends doctest-dev liba-dev$'

: >"$asked"
touch "$work/apt-is-broken"
check_code 3 'an installation that fails ends it' ensure yes doctest-dev
printed 'with the words of apt' 'E: no network'
rm "$work/apt-is-broken"

: >"$asked"
check_code 3 'asked not to install, and no tools: it cannot go on' ensure no doctest-dev 'liba-dev|libb-dev'
printed 'it says what is needed' 'doctest-dev liba-dev'
printed 'and which commands are missing' 'c++ meson ninja pkg-config thrift'
apt_was_not_asked 'nothing was installed'

say_id 1000
check_code 3 'neither root nor sudo: it cannot go on' ensure yes doctest-dev
printed 'it says what to install by hand' 'By hand: apt-get install doctest-dev'
apt_was_not_asked 'nothing was tried'

# A sudo that shows that it was used.
printf '#!/bin/sh\necho sudo >>"%s"\nexec "$@"\n' "$asked" >"$bin/sudo"
chmod +x "$bin/sudo"
check 'with sudo it goes' ensure yes doctest-dev
apt_was_asked 'by sudo' '^sudo$'
apt_was_asked 'and apt' 'install -y'

: >"$asked"
on fedora 40
check_code 3 'another system without tools: it cannot go on' ensure yes doctest-dev
printed 'it says why nothing is installed' 'neither Debian 12 nor Ubuntu 24.04'
give_tools
check 'another system with the tools: it goes on' ensure yes doctest-dev
printed 'and says what is needed' doctest-dev
apt_was_not_asked 'nothing was installed there'
rm "$bin/dpkg-query"
check 'a system without dpkg: it goes on' ensure yes 'liba-dev|libb-dev'
has_not_printed 'and does not show our notation' '|'

on ubuntu 24.04
: >"$asked"
say_id 0
check 'Ubuntu 24.04 is installed on as well' ensure yes doctest-dev
apt_was_asked 'by apt' 'install -y'

finish
