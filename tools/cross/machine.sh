#!/bin/sh
# Runs tests that were built for arm64 on a Linux for arm64. Runs in any POSIX shell. `tools/cross/machine.sh --help` tells the rest.
set -eu

program=machine.sh
top=$(cd "$(dirname "$0")/../.." && pwd)

. "$top/tools/lib/output.sh"

usage() {
  cat <<'USAGE'
Usage: tools/cross/machine.sh [--cpu NAME] [--kernel FILE] [--minutes N] BUILD TEST...

Boots Debian's kernel for arm64 in qemu-system-aarch64, which emulates the whole machine, and runs test programs there:

  tools/cross/machine.sh build-arm64 tests/lifecycle/fork_test 'tests/core/no_memory_test -d'

BUILD was set up with tools/cross/arm64.ini. What is built of its tests goes into the machine's memory, with the arm64 libraries of this
system. A TEST is a program of BUILD, with arguments if need be, and with variables before it ('JTRACE_CLOCK=system tests/...').

  --cpu NAME     the processor, one of qemu's (cortex-a72, which is ARMv8.0; neoverse-n1 is ARMv8.2, with atomic instructions)
  --kernel FILE  another kernel than that of Debian 12: one with pages of 16 KiB, say, for which the CPU has to be neoverse-n1
  --minutes N    the machine is switched off after so long (30)
  --help         print this

Needs Debian, the packages that tools/cross/arm64.ini names, qemu-system-arm and cpio. The kernel and busybox-static are
downloaded into BUILD/machine by apt-get, not installed. JTRACE_ARM64_ROOT=FOLDER: where the arm64 libraries are, if not in /.

Exit codes: 0 all passed; 1 some failed, or the machine did not get to the end; 2 usage; 3 packages or tools are missing.
USAGE
}

# The kernel, and the programs that are not the tests' own: once.
download_system() {
  [ ! -e "$machine/vmlinuz" ] || return 0
  mkdir -p "$machine/packages"
  cd "$machine/packages"
  kernel=$(apt-cache depends linux-image-arm64:arm64 | sed -n 's/.*Depends: \([^:]*\).*/\1/p' | head -n 1)
  [ -n "$kernel" ] || fail 3 'apt knows no linux-image-arm64:arm64. First: dpkg --add-architecture arm64 && apt-get update'
  apt-get download "$kernel:arm64" busybox-static:arm64 || fail 3 "apt-get could not download $kernel and busybox-static."
  for package in ./*.deb; do dpkg-deb -x "$package" .; done
  mv boot/vmlinuz-* "$machine/vmlinuz"
}

# into FOLDER: copies the files whose names are read there, under the same names.
into() { cpio -pdmL --quiet "$1" 2>/dev/null; }

# Libraries, and what OpenSSL and the look at ELF files need.
copy_system() {
  cd "$root"
  {
    find lib/ld-linux-aarch64.so.1 lib/aarch64-linux-gnu/ usr/lib/aarch64-linux-gnu/ -name '*.so*' ! -path '*/gconv/*'
    find usr/lib/ssl/openssl.cnf usr/bin/aarch64-linux-gnu-nm usr/bin/aarch64-linux-gnu-readelf
  } 2>/dev/null | into "$system" || true
}

# Whatever of the tree can be run or loaded, and what tests read.
copy_tests() {
  cd /
  find "${build#/}/src" "${build#/}/tests" "${build#/}/tools" -name '*.p' -prune -o \( -perm -100 -o -name '*.so*' \) ! -type d -print 2>/dev/null |
    cpio -pdm --quiet "$system"
  find "${top#/}/tests/golden" "${top#/}/tests/fuzz/corpus" | cpio -pdm --quiet "$system"
  mkdir -p "$system$top/tests/encode"  # encode_test finds the golden bytes beside its sources
}

# What the kernel starts: the tests, one after the other, and a line for each.
write_init() {
  cat >"$system/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /tmp /root /usr/bin /etc
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mkdir -p /dev/shm
/bin/busybox mount -t tmpfs shm /dev/shm
/bin/busybox --install -s /bin
ip link set lo up
hostname emulated
echo 'root:x:0:0:root:/root:/bin/sh' >/etc/passwd
echo '127.0.0.1 localhost' >/etc/hosts
for tool in nm readelf; do [ ! -e /usr/bin/aarch64-linux-gnu-$tool ] || ln -s aarch64-linux-gnu-$tool /usr/bin/$tool; done
export PATH=/usr/bin:/bin HOME=/root LC_ALL=C JTRACE_TEST_PATIENCE=600
echo "Linux $(uname -r) $(uname -m), pages of $(grep -m1 KernelPageSize /proc/self/smaps | grep -o '[0-9]* kB'), transparent huge pages: $(cat /sys/kernel/mm/transparent_hugepage/enabled)"
cd "$(cat /build)"
while read -r test; do
  echo "== $test"
  if eval "env $test"; then echo "passed: $test"; else echo "FAILED: $test"; fi
done </tests
echo 'The end.'
poweroff -f
INIT
  chmod +x "$system/init"
  printf '%s\n' "$build" >"$system/build"
}

pack() {
  rm -rf "$system"
  mkdir -p "$system/bin"
  cp "$machine/packages/bin/busybox" "$system/bin/" 2>/dev/null || cp "$machine/packages/usr/bin/busybox" "$system/bin/"
  ln -s busybox "$system/bin/sh"
  copy_system
  copy_tests
  write_init
  printf '%s\n' "$@" >"$system/tests"
  (cd "$system" && find . | cpio -o -H newc --quiet | gzip -1) >"$machine/initrd.gz"
}

boot() {
  timeout "$((minutes * 60))" qemu-system-aarch64 -M virt -cpu "$cpu" -smp 2 -m 4G -nographic -no-reboot -nic none \
    -kernel "${kernel_file:-$machine/vmlinuz}" -initrd "$machine/initrd.gz" -append 'console=ttyAMA0 panic=-1 quiet' </dev/null 2>&1 |
    tee "$machine/log"
}

cpu=cortex-a72 kernel_file='' minutes=30
while [ $# -gt 0 ]; do
  case $1 in
    --cpu | --kernel | --minutes)
      [ $# -gt 1 ] || fail 2 "$1 needs a value."
      case $1 in --cpu) cpu=$2 ;; --kernel) kernel_file=$2 ;; *) minutes=$2 ;; esac
      shift
      ;;
    --help | -h)
      usage
      exit 0
      ;;
    -*) fail 2 "unknown option '$1' (--help tells which there are)." ;;
    *) break ;;
  esac
  shift
done
[ -z "$kernel_file" ] || [ -r "$kernel_file" ] || fail 2 "--kernel: there is no file $kernel_file."
case $minutes in '' | *[!0-9]*) fail 2 "--minutes: '$minutes' is no number." ;; esac
[ $# -gt 1 ] || fail 2 'a build folder and tests are needed (--help tells more).'
build=$(cd "$1" 2>/dev/null && pwd) || fail 2 "there is no folder $1."
shift
for test in "$@"; do
  file=$(printf '%s\n' "$test" | tr ' ' '\n' | grep -v = | head -n 1)
  [ -x "$build/$file" ] || fail 2 "$build/$file is not there: ninja -C $build $file"
done
root=${JTRACE_ARM64_ROOT:-/} machine=$build/machine system=$build/machine/system
for tool in qemu-system-aarch64 cpio; do
  command -v $tool >/dev/null || fail 3 "$tool is missing (Debian: qemu-system-arm cpio)."
done
[ -e "$root/lib/ld-linux-aarch64.so.1" ] || fail 3 "there are no arm64 libraries in $root (tools/cross/arm64.ini names the packages)."

download_system
pack "$@"
boot
grep -q '^The end\.' "$machine/log" || fail 1 'the machine did not get to the end.'
! grep -q '^FAILED: ' "$machine/log"
