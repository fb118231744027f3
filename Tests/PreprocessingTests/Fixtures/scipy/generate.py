"""Writes the vectors of this folder: numpy and scipy are the reference, and only this script needs them.

    python3 generate.py        # numpy 2.4.6, scipy 1.17.1
"""
import json
import os

import numpy as np
from scipy import signal

HERE = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(20070301)


def write(name, value):
    with open(os.path.join(HERE, name), "w") as file:
        json.dump(value, file)


def resampled(count, to):
    x = random.standard_normal(count)
    return {"input": x.tolist(), "output": signal.resample(x, to).tolist()}


# Shortening and lengthening, every combination of even and odd, neighbours, factors beyond 2, 3 and 5, and 1.
PAIRS = [(50, 40), (50, 41), (51, 40), (51, 41), (40, 50), (40, 51), (41, 50), (41, 51), (48, 24), (24, 48),
         (97, 53), (53, 97), (50, 49), (49, 50), (49, 48), (48, 49), (8, 2), (8, 1), (2, 9), (1, 4), (77, 143)]
write("resample.json", [resampled(*pair) for pair in PAIRS])

signals = [random.standard_normal(200), np.cumsum(random.standard_normal(300)) + 40]
write("sosfiltfilt.json", [
    {"order": 5, "kind": kind, "corner": corner, "input": x.tolist(),
     "sections": signal.butter(5, corner, kind, fs=250, output="sos").tolist(),
     "output": signal.sosfiltfilt(signal.butter(5, corner, kind, fs=250, output="sos"), x).tolist()}
    for x in signals for kind, corner in (("highpass", 0.67), ("lowpass", 40.0))])

# Lengths after resampling, in Python's own order of operations.
rates = [50, 61.038, 99.9, 121, 128, 180, 227, 240, 250, 256, 257, 300, 333.3, 360, 400, 484, 499, 499.9, 500, 512,
         951, 977, 998, 1000, 1024, 1996, 2000, 8000, 20000]
write("lengths.json", [
    {"samples": n, "hertz": fs, "fourier": int(n * 250 / fs), "linear": int(n * (500 / fs))}
    for fs in rates for n in (int(4 * fs), int(4.5 * fs) + 1)])
