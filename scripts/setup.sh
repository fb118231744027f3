#!/usr/bin/env bash
# Installs what the build needs and this machine lacks: three system libraries and a C toolchain's headers.
set -euo pipefail

if ! command -v swift >/dev/null; then
    echo "firstlead: Swift 6.2 or later is needed and 'swift' is not on the PATH." >&2
    echo "firstlead: install it from https://www.swift.org/install/linux/ (Debian 12), then run this again." >&2
    exit 1
fi

version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
if [ -z "$version" ] || [ "$(printf '%s\n6.2\n' "$version" | sort -V | head -n 1)" != "6.2" ]; then
    echo "firstlead: Swift 6.2 or later is needed, found '${version:-unknown}'." >&2
    echo "firstlead: install it from https://www.swift.org/install/linux/ (Debian 12), then run this again." >&2
    exit 1
fi

needed=(libxgboost-dev libssl-dev zlib1g-dev libc6-dev libstdc++-12-dev pkg-config curl unzip)
missing=()
for package in "${needed[@]}"; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "firstlead: please install these packages (Debian's names): ${missing[*]}" >&2
    exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "firstlead: as root, run: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
echo "firstlead: installing ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
