#!/bin/sh
# Installs what package-lock.json names, unless that is there already.
set -eu
cd "$(dirname "$0")"
installed=node_modules/.package-lock.json
if [ ! -e "$installed" ] || [ package-lock.json -nt "$installed" ]; then
    npm ci --ignore-scripts --loglevel=error
    touch "$installed"
fi
