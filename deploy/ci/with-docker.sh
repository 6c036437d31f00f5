#!/bin/sh
# Runs a command with a Docker engine that has the tests' images: somebody's that answers already,
# or one that is started here and ended with the command (root's; its images are kept).
#   with-docker.sh COMMAND ARGUMENT…
set -eu

if timeout 10 docker version > /dev/null 2>&1; then
    exec "$@"
fi
if [ "$(id -u)" != 0 ] || ! command -v dockerd > /dev/null; then
    echo "with-docker.sh: no Docker engine answers, and none can be started: that takes root and" >&2
    echo "dockerd (sh deploy/ci/install.sh)." >&2
    exit 1
fi

run=$(mktemp -d /run/comptoir-docker-XXXXXX)
engine=
finish() {
    # By its id; its containers and its containerd go with it.
    [ -z "$engine" ] || { kill "$engine" 2> /dev/null && wait "$engine" || true; }
    # The engine leaves its network namespace mounted.
    umount "$run"/exec/netns/* 2> /dev/null || true
    rm -rf --one-file-system "$run"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

# Two engines must not share the place of their images: whoever comes second waits. The engine and
# what it starts hold the lock as well.
exec 9> /run/comptoir-docker.lock
flock -w 1800 9 || { echo "with-docker.sh: another one has been running for half an hour" >&2; exit 1; }

# A socket of its own, so that nobody takes this engine for the machine's, and the machine's firewall
# and routes left alone: containers are reached through Docker's proxy on 127.0.0.1. In a session of
# its own, so that Ctrl-C is the command's; it ends with this script, however that ends.
export DOCKER_HOST="unix://$run/docker.sock"
setsid setpriv --pdeathsig TERM \
    dockerd --host "$DOCKER_HOST" --exec-root "$run/exec" --pidfile "$run/pid" \
    --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false \
    > "$run/log" 2>&1 < /dev/null &
engine=$!
waited=0
until timeout 10 docker version > /dev/null 2>&1; do
    if ! kill -0 "$engine" 2> /dev/null || [ "$waited" -ge 300 ]; then
        echo "with-docker.sh: dockerd does not answer; it said last:" >&2
        tail -n 20 "$run/log" >&2
        exit 1
    fi
    waited=$((waited + 1))
    sleep 0.2
done

sh "$(dirname "$0")/../images/isolated.sh"
"$@" 9>&-
