"""PyTorch, eager or compiled (`--variant compiled`)."""

import argparse

import numpy as np
import torch

import encoders
import worker


def build(options: argparse.Namespace) -> worker.Engine:
    torch.set_num_threads(options.threads)
    model = encoders.load(options.encoder, options.folder)
    if options.variant == "compiled":
        import torch._inductor.config as inductor

        # Packs the weights for MKL at compile time. "max-autotune" ends with the same products, as it finds its own
        # slower, and takes minutes.
        inductor.freezing = True
        model = torch.compile(model)

    def run(windows: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return model(torch.from_numpy(windows)).numpy()

    return run


if __name__ == "__main__":
    worker.serve(build)
