"""ONNX Runtime on its CPU provider, float32 or dynamic int8 (`--variant int8`)."""

import argparse

import numpy as np
import onnxruntime

import worker


def build(options: argparse.Namespace) -> worker.Engine:
    settings = onnxruntime.SessionOptions()
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    suffix = "-int8" if options.variant == "int8" else ""
    # The fused residual sum and norm takes four times as long as the two by themselves.
    session = onnxruntime.InferenceSession(
        options.folder / f"{options.encoder}-{options.batch}{suffix}.onnx", settings,
        providers=["CPUExecutionProvider"], disabled_optimizers=["SkipLayerNormFusion"])

    def run(windows: np.ndarray) -> np.ndarray:
        return session.run(None, {"signal": windows})[0]

    return run


if __name__ == "__main__":
    worker.serve(build)
