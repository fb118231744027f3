"""What the engines' programs have in common: a process that loads once, then is visited.

The program prints `{"loaded": true}` after its first embedding. Each line on standard input is a number of timed
passes, which follow one pass for warming up; it answers `{"milliseconds": [...], "embedding": [...]}`. It ends with its
input.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import seeded_weights

#: `[windows, 12, samples]` to `[windows, 768]`.
Engine = Callable[[np.ndarray], np.ndarray]


def arguments() -> argparse.Namespace:
    """`--encoder`, `--threads`, `--folder`, `--batch` (windows a call is given) and `--variant` of the engine."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--variant", default="")
    return parser.parse_args()


def serve(build: Callable[[argparse.Namespace], Engine]) -> None:
    """Loads what `build` makes of the arguments and answers visits."""
    # Libraries print what they like to standard output; the answers have it to themselves.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    options = arguments()
    windows = seeded_weights.windows(options.encoder)
    parts = [windows[start : start + options.batch] for start in range(0, len(windows), options.batch)]
    engine = build(options)

    def embed() -> np.ndarray:
        """One ECG: the mean of its windows' embeddings."""
        return np.concatenate([engine(part) for part in parts]).mean(axis=0)

    embed()
    print(json.dumps({"loaded": True}), file=answers, flush=True)
    for line in sys.stdin:
        embedding = embed()
        milliseconds = []
        for _ in range(int(line)):
            start = time.perf_counter()
            embedding = embed()
            milliseconds.append((time.perf_counter() - start) * 1e3)
        answer = {"milliseconds": milliseconds, "embedding": embedding.astype(float).tolist()}
        print(json.dumps(answer), file=answers, flush=True)
