"""Writes what the engines load, and the float64 embeddings they are judged by: `prepare.py FOLDER ENCODER [--int8]`.

Also holds our definitions of the encoders to the repository's reference data, which the authors' own code made.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

import encoders
import seeded_weights

_TESTS = Path(__file__).resolve().parents[2] / "Tests"
#: Of the authors' code in float64: ours in float64 differs by rounding alone.
_TOLERANCE = 1e-9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("encoder")
    parser.add_argument("--int8", action="store_true")
    parser.add_argument("--seven-bit-weights", action="store_true", help="for processors without VNNI")
    arguments = parser.parse_args()
    encoder, folder = arguments.encoder, arguments.folder
    windows = seeded_weights.windows(encoder)
    difference = _write_reference(encoder, windows, folder)
    model = encoders.seeded(encoder)
    encoders.save(encoder, model, folder)
    for batch in range(1, len(windows) + 1):
        example = torch.from_numpy(windows[:batch])
        _write_onnx(model, example, folder / f"{encoder}-{batch}.onnx")
        _write_openvino(model, example, folder / f"{encoder}-{batch}.xml")
        if arguments.int8:
            _write_int8(folder / f"{encoder}-{batch}", reduced=arguments.seven_bit_weights)
    facts = {"gigaflops": encoders.gigaflops(encoder), "differenceFromAuthors": difference}
    (folder / f"{encoder}.json").write_text(json.dumps(facts))


def _write_reference(encoder: str, windows: np.ndarray, folder: Path) -> float:
    model = encoders.seeded(encoder, torch.float64)

    def embed(signal: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return model(torch.from_numpy(signal).double()).numpy()

    data, inputs = {"st-mem": ("stmem", "st-mem"), "ecg-fm": ("ecgfm", "ecg-fm")}[encoder]
    record = np.load(_TESTS / f"PreprocessingTests/Fixtures/{inputs}/code15_1594286.npy")
    expected = np.load(_TESTS / f"EncodersTests/Fixtures/{data}/full/code15_1594286_f64.npy")
    difference = float(np.abs(embed(record) - expected).max())
    if not difference <= _TOLERANCE:
        raise SystemExit(f"prepare: {encoder} differs from the reference data by {difference}")
    np.save(folder / f"{encoder}-embedding.npy", embed(windows).mean(axis=0))
    return difference


def _write_onnx(model: torch.nn.Module, example: torch.Tensor, path: Path) -> None:
    # Opset 20 has the exact GELU as an operator.
    torch.onnx.export(
        model, (example,), path, dynamo=True, opset_version=20, external_data=False, verbose=False,
        input_names=["signal"], output_names=["embedding"])


def _write_openvino(model: torch.nn.Module, example: torch.Tensor, path: Path) -> None:
    import openvino

    converted = openvino.convert_model(model, example_input=example, input=[tuple(example.shape)])
    # By default the weights would be stored as fp16.
    openvino.save_model(converted, path, compress_to_fp16=False)


def _write_int8(stem: Path, reduced: bool) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.shape_inference import quant_pre_process

    folded = f"{stem}-folded.onnx"
    quant_pre_process(f"{stem}.onnx", folded, skip_symbolic_shape=True)
    # Without VNNI, 8-bit weights overflow the 16-bit sums.
    # Its integer convolution is three times slower than its float one.
    quantize_dynamic(
        folded, f"{stem}-int8.onnx", op_types_to_quantize=["MatMul", "Gemm"], weight_type=QuantType.QInt8,
        per_channel=True, reduce_range=reduced)
    Path(folded).unlink()


if __name__ == "__main__":
    main()
