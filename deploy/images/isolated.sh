#!/bin/sh
# Builds postgres:17 and apache/kafka:4.3.1 where no registry of images is within reach: from
# Debian's packages and the launcher's jars. Root's, on Debian, after `make install`; what has not
# changed is not built again.
#   isolated.sh [MIRROR]    Debian's mirror; by default the one that this machine installs from
set -eu
cd "$(dirname "$0")/../.."

say() { echo "isolated.sh: $*"; }
die() { say "$*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || die "only root can run debootstrap"
for command in docker debootstrap apt-get; do
    command -v "$command" > /dev/null || die "$command is missing: sh deploy/ci/install.sh"
done
[ -x .venv/bin/python ] || die "the jars come through the launcher: make install"

work=$(mktemp -d /var/tmp/comptoir-images-XXXXXX)
# debootstrap mounts /proc below: whatever is left of that is not ours to delete.
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 1' INT TERM

# The machine's way to Debian, of which nothing is written down here.
find_mirror() {
    apt-get indextargets --format '$(RELEASE) $(SITE)' 'Created-By: Packages' 'Component: main' |
        awk -v name="$(. /etc/os-release && echo "$VERSION_CODENAME")" \
            '$1 == name || $1 ~ /^(old)*stable$/ { print $2; exit }'
}
proxy=
eval "$(apt-config shell proxy Acquire::http::Proxy)"

if ! docker image inspect debian:trixie-slim > /dev/null 2>&1; then
    mirror=${1:-$(find_mirror)}
    if [ -z "$mirror" ]; then # apt names none before its first update
        apt-get update > "$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; die "apt-get update failed"; }
        mirror=$(find_mirror)
    fi
    [ -n "$mirror" ] || die "apt names no mirror of Debian: say which one"
    say "debian:trixie-slim, by debootstrap"
    debootstrap --variant=minbase trixie "$work/root" "$mirror" > "$work/log" 2>&1 ||
        { tail -n 20 "$work/log" >&2; die "debootstrap failed"; }
    rm -rf "$work/root/var/cache/apt/archives" "$work/root/var/lib/apt/lists"
    tar -C "$work/root" --one-file-system -c . | docker import - debian:trixie-slim > /dev/null
fi

build() {
    say "$1"
    # The network of the machine, with its names and its routes; BuildKit would want images of its own.
    DOCKER_BUILDKIT=0 docker build --network host --tag "$1" \
        ${proxy:+--build-arg "http_proxy=$proxy"} "$2" > "$work/log" 2>&1 ||
        { tail -n 40 "$work/log" >&2; die "building $1 failed"; }
}

build postgres:17 deploy/images/postgres

cp -R deploy/images/kafka "$work/kafka"
.venv/bin/python -m comptoir.jars copy "$work/kafka/libs"
build apache/kafka:4.3.1 "$work/kafka"
