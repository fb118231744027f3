"""The environment of every engine, and how all of them are kept to AVX2."""

import os
import platform
from pathlib import Path

#: What an engine may inherit; anything else could tune one engine and not another.
_INHERITED = ("PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH", "CXX")


def environment(isa: str, folder: Path) -> dict[str, str]:
    """The variables for every engine's process."""
    return {name: os.environ[name] for name in _INHERITED if name in os.environ}


def has_vnni(isa: str) -> bool:
    """Whether the engines will find 8-bit dot products."""
    flags = _processor("flags").split()
    return isa == "native" and ("avx512_vnni" in flags or "avx_vnni" in flags)


def machine(isa: str) -> dict:
    """What the table has to say about the machine."""
    widest = "AVX-512" if "avx512f" in _processor("flags").split() else "AVX2"
    return {
        "processor": _processor("model name") or platform.machine(),
        "cores": os.cpu_count(),
        "instructions": widest if isa == "native" else "kept to AVX2",
    }


def _processor(field: str) -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(field):
            return line.split(":", 1)[1].strip()
    return ""
