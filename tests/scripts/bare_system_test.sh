#!/bin/sh
# The two commands of the README on a bare Debian 12: a system that debootstrap has just made, with git and sh and nothing else. Takes
# many minutes, root and a mirror of Debian.
. "$(dirname "$0")/support/check.sh"
. "$here/support/bare_system.sh"

unshare --mount true 2>/dev/null || skip 'Nothing may be mounted here, so no bare system is made.'
make_bare_system git,ca-certificates
check 'the project is cloned' git clone --quiet "$top" "$system/srv/jtrace"

# In a mount namespace of its own: nothing is left mounted, whatever happens.
inside() { # DIRECTORY COMMAND...
  unshare --mount sh -c '
    mount -t proc proc "$1/proc" && mount -t devtmpfs dev "$1/dev" && mount -t devpts devpts "$1/dev/pts" || exit 1
    root=$1
    shift
    exec chroot "$root" /usr/bin/env -i HOME=/root LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -c "cd /srv/jtrace && $*"
  ' - "$system" "$@"
}
check 'no compiler is there' inside '! command -v c++'
check 'tools/demo.sh shows a trace' inside ./tools/demo.sh
printed 'it says what it installs' libcurl4-openssl-dev
printed 'as a waterfall' 'db.query'
check 'the clone is as it was' inside '[ -z "$(git status --porcelain)" ]'
check 'tools/test.sh passes' inside ./tools/test.sh --quick
printed 'with no failure' ' 0 failed'
finish
