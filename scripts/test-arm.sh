#!/usr/bin/env bash
# Tests the kernels for arm64 on an x86-64 machine: compiles them with the flags of Package.swift and the Swift
# toolchain's clang, runs their check under user-mode emulation, and compares what they compute, bit for bit, with
# what every variant of this machine computes.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$(uname -m)" != x86_64 ]; then
    echo "firstlead: test-arm compares arm64 with x86-64 and runs on x86-64; here 'make test' tests NEON." >&2
    exit 1
fi

needed=(qemu-user libc6-dev-arm64-cross libgcc-12-dev-arm64-cross)
missing=()
for package in "${needed[@]}"; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
    if ! command -v apt-get >/dev/null || { [ ${#as_root[@]} -gt 0 ] && ! command -v sudo >/dev/null; }; then
        echo "firstlead: please install these packages (Debian's names): ${missing[*]}" >&2
        exit 1
    fi
    echo "firstlead: installing ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

# The clang beside swift: that one compiles the product.
clang=$(dirname "$(readlink -f "$(command -v swift)")")/clang
# The flags are those of the product, wherever they change.
read -r -a flags < <(sed -n 's/^let optimisedC.*unsafeFlags(\[\(.*\)\])\]$/\1/p' Package.swift | tr -d '",')
if [ ${#flags[@]} -eq 0 ]; then
    echo "firstlead: Package.swift has no 'optimisedC' flags any more" >&2
    exit 1
fi
sources=(Sources/CKernels/*.c Tests/KernelsOnARM/main.c)
output=.build/test-arm
mkdir -p "$output"

"$clang" "${flags[@]}" -ISources/CKernels/include "${sources[@]}" -o "$output/x86-64" -lm -lpthread
"$clang" --target=aarch64-linux-gnu -fuse-ld=lld -static "${flags[@]}" -ISources/CKernels/include \
    "${sources[@]}" -o "$output/arm64" -lm -lpthread
"$clang" --target=aarch64-linux-gnu "${flags[@]}" -ISources/CKernels/include -S \
    Sources/CKernels/variant_neon.c -o "$output/neon.s"

# The tile: 24 sums, four steps at once, so at least 96 vector multiply-adds; none may be a call, and the sums must
# stay in registers (the loop's own counters may not).
tile=$(awk '/^tile_wide:/,/\.cfi_endproc/' "$output/neon.s")
multiplications=$(grep -c 'fmla.*\.4s' <<<"$tile" || true)
calls=$(grep -c 'bl[[:space:]]*fma' "$output/neon.s" || true)
spills=$(grep -c '[[:space:]]q[0-9]*, \[sp.*Folded' <<<"$tile" || true)
echo "tile_wide: $multiplications fmla of four lanes, $spills sums on the stack; calls of fmaf: $calls"
if [ "$multiplications" -lt 96 ] || [ "$spills" -ne 0 ] || [ "$calls" -ne 0 ]; then
    echo "firstlead: the NEON tile is not made of vector multiply-adds in registers" >&2
    exit 1
fi

"$output/x86-64" | tee "$output/x86-64.txt" | sed 's/^/x86-64: /'
qemu-aarch64 "$output/arm64" | tee "$output/arm64.txt" | sed 's/^/arm64: /'
if ! grep -q '^chosen neon$' "$output/arm64.txt"; then
    echo "firstlead: arm64 did not choose its NEON kernels" >&2
    exit 1
fi
digests=$(sed -n 's/^digest [a-z0-9]* //p' "$output/x86-64.txt" "$output/arm64.txt" | sort -u)
if [ "$(wc -w <<<"$digests")" -ne 1 ]; then
    echo "firstlead: the variants do not compute the same bits" >&2
    exit 1
fi
echo "every variant of both processors computes the same bits"
