"""Weights and inputs from a fixed rule, the one of `Sources/Tensor/SeededWeights.swift`, so that every engine
computes the same thing without any file.

A value is `base + scale * u`: u uniform in [-1, 1) from splitmix64, seeded with the FNV-1a hash of the tensor's name.
"""

import numpy as np

_MASK = (1 << 64) - 1


def fnv1a(text: str) -> int:
    """FNV-1a, 64 bits (Fowler, Noll, Vo)."""
    state = 0xCBF29CE484222325
    for byte in text.encode():
        state = (state ^ byte) * 0x100000001B3 & _MASK
    return state


def fill(name: str, base: float, scale: float, shape: tuple[int, ...]) -> np.ndarray:
    """float32 of that shape; the only rounding is the last conversion (`firstlead_fill` in `CKernels`)."""
    count = int(np.prod(shape))
    with np.errstate(over="ignore"):
        z = np.arange(1, count + 1, dtype=np.uint64)
        z *= np.uint64(0x9E3779B97F4A7C15)
        z += np.uint64(fnv1a(name))
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            z ^= z >> np.uint64(shift)
            z *= np.uint64(factor)
        z ^= z >> np.uint64(31)
    unit = (z >> np.uint64(40)).astype(np.float64) * 2.0**-23 - 1.0
    return (base + scale * unit).astype(np.float32).reshape(shape)


def tensor(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """The weights of that name and shape."""
    return fill(name, *_rule(name, shape), shape)


def windows(encoder: str) -> np.ndarray:
    """One ECG as the encoder wants it, float32 `[windows, 12, samples]`: uniform noise in [-1, 1)."""
    names, samples = {
        "st-mem": (["bench/st-mem"], 2250),
        "ecg-fm": (["bench/ecg-fm/0", "bench/ecg-fm/1"], 2500),
    }[encoder]
    return np.stack([fill(name, 0.0, 1.0, (12, samples)) for name in names])


def _rule(name: str, shape: tuple[int, ...]) -> tuple[float, float]:
    parts = name.split(".")
    last = parts[-1]
    if last == "weight_g":
        return 2.0, 0.5
    if last == "bias":
        return 0.0, 0.125
    if last == "weight" and len(shape) == 1:
        return 1.0, 0.25
    if last in ("weight", "weight_v"):
        return 0.0, 2.0 ** -(_fan_in_exponent(int(np.prod(shape[1:]))) + _shift(parts))
    return 0.0, 0.5


def _fan_in_exponent(fan_in: int) -> int:
    """The smallest k with 3 * 2^(2k + 1) > fan-in: 2^-k is near sqrt(3 / fan-in)."""
    exponent = 0
    while 3 << (2 * exponent + 1) <= fan_in:
        exponent += 1
    return exponent


def _shift(parts: list[str]) -> int:
    """Sharper attention, damped residual branches."""
    shift = 0
    shift -= not {"q_proj", "k_proj", "to_qkv"}.isdisjoint(parts)
    shift += not {"out_proj", "fc2"}.isdisjoint(parts)
    shift += 2 * ("to_out" in parts)
    shift += parts[-3:-1] == ["net", "3"]
    return shift
