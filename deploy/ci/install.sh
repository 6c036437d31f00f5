#!/bin/sh
# Installs what `make test-all` needs of a Debian machine: Docker's engine, what builds the images
# that no registry brings, a browser, and what makes networks of namespaces. Asks nothing; does nothing where all is there.
set -eu

commands="dockerd:docker.io docker:docker.io debootstrap:debootstrap
    chromium-headless-shell:chromium-headless-shell
    ip:iproute2 nft:nftables"
missing=
for entry in $commands; do
    command -v "${entry%%:*}" > /dev/null || missing="$missing ${entry#*:}"
done
missing=$(echo "$missing" | tr ' ' '\n' | sort -u | xargs)
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    echo "install.sh: this machine lacks $missing (names of Debian's packages)." >&2
    echo "Install them, or run this as root on Debian." >&2
    exit 1
fi
echo "install.sh: installing $missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{
    apt-get update &&
        # shellcheck disable=SC2086  # one word a package
        apt-get install -y --no-install-recommends $missing
} > "$log" 2>&1 < /dev/null || { tail -n 40 "$log" >&2; exit 1; }
