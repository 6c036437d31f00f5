#!/bin/sh
# Makes .venv with Python 3.13, the locked packages and the workspace's members. Called by make,
# from the root of the repository, with nothing needed beforehand but some Python 3.
#   install.sh uv    only .tools/bin/uv
#   install.sh       everything
set -eu

if [ ! -x .tools/bin/uv ]; then
    python3 -m venv .tools
    .tools/bin/pip install --quiet --disable-pip-version-check uv
fi
[ "${1:-}" = uv ] && exit 0

# A Python 3.13 that is on the machine, else one of pyenv's, else one that uv fetches.
find_python() {
    .tools/bin/uv python find 3.13 2>/dev/null && return
    for candidate in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13.*/bin/python3.13; do
        [ -x "$candidate" ] && echo "$candidate" && return
    done
    .tools/bin/uv python install 3.13 >&2 && .tools/bin/uv python find --managed-python 3.13 && return
    echo "Python 3.13 is neither on this machine nor could uv fetch it." >&2
    echo "Install it (or set UV_PYTHON_INSTALL_MIRROR to a mirror you can reach) and try again." >&2
    return 1
}

if [ ! -x .venv/bin/python ]; then
    python=$(find_python)
    .tools/bin/uv venv --quiet --python "$python" .venv
fi
export VIRTUAL_ENV="$PWD/.venv"
.tools/bin/uv pip sync --quiet --require-hashes requirements.lock
.tools/bin/uv pip install --quiet --no-deps --no-build-isolation \
    -e shared -e services/submission -e services/voting -e services/notification \
    -e services/ledger -e deploy/local
.venv/bin/python -m shared.web.fonts
sh services/voting/script/build.sh
touch .venv/.installed
