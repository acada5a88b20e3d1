#!/bin/sh
# Makes .venv and installs the locked requirements and, editable, the project.
# Usage: install.sh run|dev    Environment: PYTHON (default: the first Python >= 3.11 found)
set -eu
cd "$(dirname "$0")/.."
requirements="requirements/$1.txt"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore UV_SYSTEM_CERTS=1
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV

find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "Larder needs Python 3.11 or later; none was found. Name one: make PYTHON=/path/to/python3 ..." >&2
    exit 1
}

if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$(find_python)
    echo "Making .venv with $($python --version)"
    rm -rf .venv
    # Without ensurepip (Debian's python3-venv missing) the system's own pip serves the environment from outside.
    "$python" -m venv .venv >/dev/null 2>&1 || "$python" -m venv --clear --without-pip .venv
fi

if .venv/bin/python -m pip --version >/dev/null 2>&1; then
    pip=".venv/bin/python -m pip"
else
    pip="$(find_python) -m pip --python .venv/bin/python"
fi

with_uv() {
    uv=".venv/bin/uv pip install --quiet --python .venv/bin/python"
    if [ ! -x .venv/bin/uv ]; then
        $pip install --quiet --require-hashes -r requirements/uv.txt || return 1
    fi
    $uv --require-hashes -r "$requirements" && $uv --no-deps --no-build-isolation --editable .
}

with_pip() {
    echo "uv could not install the requirements; trying pip" >&2
    $pip install --quiet --require-hashes -r "$requirements"
    $pip install --quiet --no-deps --no-build-isolation --editable .
}

echo "Installing $requirements"
with_uv || with_pip
touch .venv/.run ".venv/.$1"
