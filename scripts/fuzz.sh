#!/usr/bin/env bash
# Fuzzes one target, or each in turn, with libFuzzer from the Swift toolchain, on the code as it is served.
#   fuzz.sh                    lists the targets: a format's id, upload, form, http
#   fuzz.sh TARGET|all SECONDS fuzzes; what broke a promise is left in .build-fuzz/found/TARGET
# It starts from the committed fixtures, and from what earlier runs on this machine found.
set -euo pipefail
cd "$(dirname "$0")/.."

driver=$(find -L "$(dirname "$(readlink -f "$(command -v swiftc)")")/../lib/clang" \
    -name "libclang_rt.fuzzer_no_main-$(uname -m).a" | head -n 1)
[ -n "$driver" ] || { echo "firstlead: this Swift toolchain has no libFuzzer" >&2; exit 1; }

FIRSTLEAD_FUZZ=1 swift build -c release --scratch-path .build-fuzz --product firstlead-fuzz \
    -Xswiftc -Xfrontend -Xswiftc -sanitize=fuzzer -Xcc -fsanitize=fuzzer-no-link \
    -Xlinker "$driver" -Xlinker -lstdc++ >&2
binary=$PWD/.build-fuzz/release/firstlead-fuzz

if [ $# -eq 0 ]; then exec "$binary"; fi
targets=$1 seconds=${2:?"fuzz.sh TARGET|all SECONDS"}
if [ "$targets" = all ]; then targets=$("$binary"); fi

# Everything that is no oracle and no description of a case, out of its gzip, up to 256 KB.
seeds() {
    find Tests/ECGFormatsTests/Fixtures -path "*/$1/*" -type f -size -256k \
        ! -name '*.case.json' ! -name "*.npy.gz" ! -name "*.npy" ! -name '*.py' ! -name '*.md'
}

failed=
for target in $targets; do
    corpus=.build-fuzz/corpus/$target found=.build-fuzz/found/$target
    mkdir -p "$corpus" "$found"
    case $target in
        upload) folder='*' ;;
        form) folder=containers ;;
        http) folder=none ;;
        *) folder=$target ;;
    esac
    seeds "$folder" | while read -r file; do
        name=$corpus/$(sha256sum "$file" | cut -c1-16)
        gzip -dcq "$file" >"$name" 2>/dev/null || cp "$file" "$name"
    done
    echo "firstlead: $target, from $(find "$corpus" -type f | wc -l) inputs"
    FIRSTLEAD_FUZZ_TARGET=$target "$binary" -max_total_time="$seconds" -max_len=262144 -timeout=5 \
        -rss_limit_mb=1024 -print_final_stats=1 -verbosity=0 -artifact_prefix="$found/" "$corpus" 2>&1 |
        grep -E '^(stat|SUMMARY|Fatal|.*ERROR|.*Test unit written)' || true
    [ -z "$(ls -A "$found")" ] || failed=yes
done
[ -z "$failed" ] || { echo "firstlead: a promise was broken, see .build-fuzz/found" >&2; exit 1; }
