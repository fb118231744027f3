"""The two encoders by name: their modules, inputs, files and operation counts."""

from pathlib import Path
from types import ModuleType

import torch
from torch import nn

import ecg_fm
import st_mem

_MODULES: dict[str, ModuleType] = {"st-mem": st_mem, "ecg-fm": ecg_fm}


def seeded(encoder: str, dtype: torch.dtype = torch.float32) -> nn.Module:
    """The encoder with the deterministic weights."""
    return _MODULES[encoder].seeded(dtype)


def gigaflops(encoder: str) -> float:
    """Classical operation count of one ECG, in units of 10^9."""
    return _MODULES[encoder].operations() / 1e9


def save(encoder: str, model: nn.Module, folder: Path) -> None:
    """Writes the tensors, so that loading them is what an application would do."""
    torch.save(model.state_dict(), folder / f"{encoder}.pt")


def load(encoder: str, folder: Path) -> nn.Module:
    """The encoder from the file that `save` wrote, mapped rather than read."""
    with torch.device("meta"):
        model = {"st-mem": st_mem.STMEM, "ecg-fm": ecg_fm.ECGFM}[encoder]()
    tensors = torch.load(folder / f"{encoder}.pt", mmap=True, weights_only=True)
    model.load_state_dict(tensors, assign=True)
    return model.eval().requires_grad_(False)
