#!/bin/sh
# packaging/Containerfile: the image is built as it says, without a daemon, by buildah on a bare Debian 12 in the place of the one that
# a registry would give; and what is in it takes spans in and shows them. Takes some minutes, root and a mirror of Debian.
. "$(dirname "$0")/support/check.sh"
. "$here/support/bare_system.sh"

[ "$#" -eq 1 ] || skip 'Usage: container_test.sh JTRACE-SEND'
send=$1
command -v buildah >/dev/null 2>&1 || skip 'buildah is not installed (Debian: buildah), so no image is built.'
make_bare_system

export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
store="--root $work/store --runroot $work/run"
image() { # COMMAND ARGUMENTS...: of buildah, with a store of its own
  command=$1
  shift
  # shellcheck disable=SC2086
  buildah "$command" $store "$@"
}
collector='' mounted=''
# The store goes with $work, once nothing of it is mounted.
clean_up() {
  [ -z "$collector" ] || kill "$collector" 2>/dev/null || true
  [ -z "$mounted" ] || image umount --all >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean_up EXIT

base=$(image from scratch) || skip 'buildah cannot make a container here.'
check 'the base image is made' image add --quiet "$base" "$system" /
check 'and named' image commit --quiet "$base" docker.io/library/debian:12-slim
git clone --quiet "$top" "$work/jtrace"
check 'the image is built' \
  image bud --pull-never --format docker --tag jtrace-collector --file "$work/jtrace/packaging/Containerfile" "$work/jtrace"
[ "$failures" -eq 0 ] || finish

check 'it starts the collector, open to others' image inspect --format '{{.OCIv1.Config.Entrypoint}} {{.OCIv1.Config.User}}' jtrace-collector
printed 'by its program' '[/usr/bin/jtrace-collector --host 0.0.0.0] collector'
made=$(image from localhost/jtrace-collector)
root=$(image mount "$made")
mounted=yes
# As the image would be run, on free ports.
chroot --userspec=collector "$root" /usr/bin/jtrace-collector --host 0.0.0.0 --port 0 --query-port 0 --otlp-port 0 \
  --agent-compact-port 0 --agent-binary-port 0 >"$work/collector" 2>&1 &
collector=$!
tries=0
until grep -q '^query: ' "$work/collector" || [ "$tries" -ge 300 ]; do
  tries=$((tries + 1))
  sleep 0.1
done
endpoint=$(sed -n 's/^collector: //p' "$work/collector")
page=$(sed -n 's/^query: //p' "$work/collector")
check 'spans are sent to it' "$send" --endpoint "$endpoint"
check 'its health check finds a service' chroot "$root" curl --fail --silent --show-error "${page%/search}/api/services"
printed 'that of the sender' '"jtrace-send"'
kill "$collector"
check 'SIGTERM ends it well' wait "$collector"
collector=''
finish
