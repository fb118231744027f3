"""The environment of every engine, and how all of them are kept to AVX2."""

import os
import platform
import subprocess
from pathlib import Path

#: What an engine may inherit; anything else could tune one engine and not another.
_INHERITED = ("PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH", "CC", "CXX")
_SOURCE = Path(__file__).resolve().with_name("cpuid_without_avx512.c")


def our_environment(isa: str) -> dict[str, str]:
    """The variables for our process."""
    return _inherited() | ({"FIRSTLEAD_KERNELS": "avx2"} if isa == "avx2" else {})


def peers_environment(isa: str, folder: Path) -> dict[str, str]:
    """The variables for a peer's process; may build what hides AVX-512 from it in `folder`."""
    found = _inherited()
    if isa == "avx2" and _has_more_than_avx2():
        library = folder / "cpuid_without_avx512.so"
        command = [found.get("CC", "cc"), "-O2", "-shared", "-fPIC", "-o", str(library), str(_SOURCE)]
        subprocess.run(command, check=True)
        found["LD_PRELOAD"] = str(library)
    return found


def has_vnni(isa: str) -> bool:
    """Whether the engines will find 8-bit dot products."""
    return isa == "native" and not {"avx512_vnni", "avx_vnni"}.isdisjoint(_flags())


def machine(isa: str) -> dict:
    """What the table has to say about the machine."""
    widest = "AVX-512" if "avx512f" in _flags() else "AVX2"
    return {
        "processor": _processor("model name") or platform.machine(),
        "cores": os.cpu_count(),
        "instructions": widest if isa == "native" else "kept to AVX2",
    }


def _inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in _INHERITED if name in os.environ}


def _has_more_than_avx2() -> bool:
    return any(flag.startswith(("avx512", "avx_vnni", "amx")) for flag in _flags())


def _flags() -> list[str]:
    return _processor("flags").split()


def _processor(field: str) -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(field):
            return line.split(":", 1)[1].strip()
    return ""
