#!/bin/sh
# Installs the programs of other people that read our logs, below .tools and never in .venv: what
# they need is theirs. Called by make, from the root of the repository. Everything is pinned: the
# packages by hash, the Go modules by xmod/go.sum, the Go toolchain by hash as well, whichever Go
# the machine has.
#   install.sh clients    the Python clients, with the Python of .venv
#   install.sh go         Go, the program of xmod/, and Tessera's fsck
set -eu

here=deploy/foreign
uv=.tools/bin/uv

environment() { # NAME LOCK
    [ -x ".tools/$1/bin/python" ] || $uv venv --quiet --python .venv/bin/python ".tools/$1"
    VIRTUAL_ENV="$PWD/.tools/$1" $uv pip sync --quiet --require-hashes "$here/$2"
}

case "$1" in
clients)
    environment foreign clients.lock
    touch .tools/foreign/.installed
    ;;
go)
    environment go toolchain.lock
    bin="$PWD/.tools/go/bin"
    cd "$here/xmod"
    # No proxy but the configured one decides what is built, and no other toolchain: go.sum does.
    export GOTOOLCHAIN=local GOFLAGS="-mod=readonly -buildvcs=false" CGO_ENABLED=0
    unset GOROOT GOBIN
    "$bin/go" build -o "$bin/xmod" .
    "$bin/go" build -o "$bin/fsck" github.com/transparency-dev/tessera/cmd/fsck
    touch "$bin/../.installed"
    ;;
*)
    echo "install.sh: clients or go" >&2
    exit 64
    ;;
esac
