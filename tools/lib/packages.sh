# Which distribution packages each part of jtrace needs, and how they come onto the machine. Sourced, not run; POSIX sh.
# Needs output.sh, and `scratch`, a directory for logs. On Debian 12 and Ubuntu 24.04 missing packages are installed; elsewhere, or when told not to, the
# scripts say what is needed and go on if the tools to build with are there. `a|b` means that b will do where it is installed.
# shellcheck shell=sh

# A compiler and a build system; libcurl and spdlog for the library; the rest for jtrace-collector and jtrace-send
# (Apache Thrift's headers include Boost's). By dpkg-dev meson knows which folder for libraries the loader and pkg-config look into.
demo_packages='g++ meson ninja-build pkg-config|pkgconf dpkg-dev
  libcurl4-openssl-dev|libcurl4-gnutls-dev|libcurl4-nss-dev libspdlog-dev
  libthrift-dev thrift-compiler libboost-dev libcpp-httplib-dev libcxxopts-dev nlohmann-json3-dev'

# Prints the system's name and version: "debian 12".
system_name() {
  # shellcheck source=/dev/null
  (. "${JTRACE_OS_RELEASE:-/etc/os-release}" 2>/dev/null && printf '%s %s' "${ID-}" "${VERSION_ID-}")
}

# The fuzzer is clang's; its runtime is a package by the system's version of clang.
case $(system_name) in
  'ubuntu 24.04') fuzz_packages='clang libclang-rt-18-dev' ;;
  *) fuzz_packages='clang libclang-rt-14-dev' ;;
esac
# What the tests need beside: their framework, Python for the checks of what must not compile, strace to count system calls, OpenSSL
# for servers with TLS, zlib for gzip and yaml-cpp for configuration files, which the library offers only where they are; a second compiler (the fuzzer's) and CMake to
# build users' programs, a formatter for the man pages, the sources of locales for one with a decimal comma.
# shellcheck disable=SC2034 # test.sh and fuzz.sh use it
test_packages="$demo_packages doctest-dev python3 strace libssl-dev libyaml-cpp-dev zlib1g-dev $fuzz_packages cmake groff-base locales"
# What Debian packages are built and looked at with; test.sh --long builds some, and has the time for gRPC and Protobuf.
# shellcheck disable=SC2034 # debian.sh uses it
debian_packages="$demo_packages doctest-dev python3 libssl-dev libyaml-cpp-dev zlib1g-dev debhelper lintian"
# shellcheck disable=SC2034 # test.sh uses it
long_packages='debhelper lintian debootstrap buildah libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc'

# Is one of the packages a|b|c installed? dpkg knows that for every user and without network.
is_installed() {
  # shellcheck disable=SC2046 # one word per package is what is meant
  dpkg-query -W -f '${db:Status-Status}\n' $(printf '%s' "$1" | tr '|' ' ') 2>/dev/null | grep -qx installed
}

# Prints which of the given packages are not installed; of a|b|c, the first.
missing_packages() {
  for package in "$@"; do
    is_installed "$package" || printf '%s ' "${package%%|*}"
  done
}

# Debian 12 and Ubuntu 24.04 are where these package names and versions are known to do.
is_supported_system() {
  case $(system_name) in
    'debian 12' | 'ubuntu 24.04') command -v apt-get >/dev/null 2>&1 ;;
    *) false ;;
  esac
}

# Prints the commands that a build needs and that are not on the PATH.
missing_commands() {
  for needed in "${CXX:-c++}" meson ninja pkg-config thrift; do
    # A compiler may be given with arguments ("ccache g++"): its first word is the command.
    command -v "${needed%% *}" >/dev/null 2>&1 || printf '%s ' "$needed"
  done
}

# For a machine that we do not install on: goes on if a build can be tried, says what is needed if not.
go_on_without_installing() { # WHY PACKAGES...
  why=$1
  shift
  complain "$why What is needed, by its Debian names:"
  complain "  $*"
  commands=$(missing_commands)
  if [ -n "$commands" ]; then
    fail 3 "These commands are missing, so it cannot go on: $commands"
  fi
  complain 'The tools to build with are here, so let us try.'
}

# Sets as_root to what runs a command as root: nothing, sudo, or fails if there is no way.
find_way_to_root() {
  if [ "$(id -u)" -eq 0 ]; then
    as_root=''
  elif command -v sudo >/dev/null 2>&1; then
    as_root=sudo
  else
    return 1
  fi
}

# Runs apt-get, as root, without questions. $as_root is empty or one word.
apt_get() {
  # shellcheck disable=SC2154 # the sourcing script sets scratch
  ${as_root:+"$as_root"} env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@" >"$scratch/apt.log" 2>&1
}

# Installs the given packages. dpkg is not interrupted half-way, so this runs in the foreground.
install_packages() {
  headline "Installing these packages of the distribution${as_root:+ (with sudo)}:"
  say "  $*"
  apt_since=$(now)
  apt_get update || complain "The package lists could not be renewed; trying with those that are here."
  if ! apt_get install -y --no-install-recommends "$@"; then
    tail -n 20 "$scratch/apt.log" >&2
    fail 3 "The packages could not be installed; the lines above say why. By hand: apt-get install $*"
  fi
  say "  done ($(($(now) - apt_since)) s)"
}

# ensure_packages yes|no PACKAGES...: whatever is missing is installed, if the first word allows it. Silent and quick, with no
# call of apt, when nothing is missing.
ensure_packages() {
  may_install=$1
  shift
  if command -v dpkg-query >/dev/null 2>&1; then
    lacking=$(missing_packages "$@")
    lacking=${lacking% }
    [ -n "$lacking" ] || return 0
  else
    lacking=$(printf '%s ' "$@" | sed 's/|[^ ]*//g')
  fi
  if ! is_supported_system; then
    go_on_without_installing 'This is neither Debian 12 nor Ubuntu 24.04, so nothing is installed.' "$lacking"
  elif [ "$may_install" = no ]; then
    go_on_without_installing 'Nothing is installed, as asked.' "$lacking"
  elif ! find_way_to_root; then
    go_on_without_installing "Packages are missing, and installing them needs root or sudo. By hand: apt-get install $lacking" "$lacking"
  else
    # shellcheck disable=SC2086 # one word per package is what is meant
    install_packages $lacking
  fi
}
