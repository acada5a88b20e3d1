#!/bin/sh
# Builds GraphiQL again and compares it with what is committed. Without npm, or with a Node.js that is too old, it says so.
set -eu
cd "$(dirname "$0")"

skip() {
    echo "$1: gateway/graphiql/static is not compared with web/"
    exit 0
}

command -v npm >/dev/null || skip "npm is missing"
node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1);
' || skip "Node.js $(node --version) is older than 20.19 or 22.12"
./install.sh
node build.js --check
