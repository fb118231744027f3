#!/usr/bin/env bash
# Installs the peers in an environment of their own and compares them with us: see README.md.
#   run.sh [--environment FOLDER] [options of run.py], usually --binary .build/release/firstlead
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
environment=
if [ "${1:-}" = --environment ]; then
    environment=${2:?"--environment needs a folder"}
    shift 2
else
    environment=$(mktemp -d "${TMPDIR:-/tmp}/firstlead-peers-environment.XXXXXX")
    trap 'rm -rf "$environment"' EXIT
fi

command -v c++ >/dev/null || echo "run.sh: no C++ compiler (c++): PyTorch cannot compile, its row will fail" >&2
if ! cmp -s "$here/requirements.txt" "$environment/installed.txt"; then
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet --requirement "$here/requirements.txt"
    cp "$here/requirements.txt" "$environment/installed.txt"
fi
# No exec: the trap has to run.
"$environment/bin/python" "$here/run.py" "$@"
