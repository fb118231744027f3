"""OpenVINO on its CPU plugin, float32."""

import argparse

import numpy as np
import openvino

import worker


def build(options: argparse.Namespace) -> worker.Engine:
    model = openvino.Core().compile_model(
        options.folder / f"{options.encoder}-{options.batch}.xml", "CPU",
        {
            # Where the processor has bf16 products, the default would be those.
            "INFERENCE_PRECISION_HINT": "f32",
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": options.threads,
        })
    request = model.create_infer_request()

    def run(windows: np.ndarray) -> np.ndarray:
        return request.infer({0: windows})[0].copy()

    return run


if __name__ == "__main__":
    worker.serve(build)
