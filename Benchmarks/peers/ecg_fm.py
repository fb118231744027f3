"""ECG-FM's encoder at its published size, in PyTorch: our own code from our own description of the architecture
(`Sources/Encoders/ECGFM`, docs/encoders.md), written so that eager PyTorch runs it as fast as it can.

Fields are named after the checkpoint's keys; `seeded` builds it from the deterministic weights.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from attention import attend
from seeded_weights import tensor

LEADS, SAMPLES, FEATURES, CONVOLUTIONS = 12, 2500, 256, 4
WIDTH, DEPTH, HEADS, HIDDEN = 768, 12, 12, 3072
TAPS, GROUPS = 128, 16


class Layer(nn.Module):
    """`norm(x + out_proj(attention(x)))`, then `norm(x + fc2(gelu(fc1(x))))`; `[batch, steps, width]`."""

    def __init__(self) -> None:
        super().__init__()
        #: Queries, keys and values in one product.
        self.projections = nn.Linear(WIDTH, 3 * WIDTH)
        self.out_proj = nn.Linear(WIDTH, WIDTH)
        self.self_attn_layer_norm = nn.LayerNorm(WIDTH)
        self.fc1 = nn.Linear(WIDTH, HIDDEN)
        self.fc2 = nn.Linear(HIDDEN, WIDTH)
        self.final_layer_norm = nn.LayerNorm(WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.self_attn_layer_norm(x + self.out_proj(attend(x, self.projections, HEADS)))
        return self.final_layer_norm(x + self.fc2(F.gelu(self.fc1(x))))


class ECGFM(nn.Module):
    """`[batch, 12, 2500]` to `[batch, 768]`: one embedding for each window."""

    def __init__(self) -> None:
        super().__init__()
        channels = [LEADS] + [FEATURES] * CONVOLUTIONS
        self.conv_layers = nn.ModuleList(
            nn.Conv1d(inputs, FEATURES, kernel_size=2, stride=2, bias=False) for inputs in channels[:-1])
        #: A norm of each channel over time.
        self.channel_norm = nn.GroupNorm(FEATURES, FEATURES)
        self.layer_norm = nn.LayerNorm(FEATURES)
        self.post_extract_proj = nn.Linear(FEATURES, WIDTH)
        self.pos_conv = nn.Conv1d(WIDTH, WIDTH, TAPS, padding=TAPS // 2, groups=GROUPS)
        self.encoder_layer_norm = nn.LayerNorm(WIDTH)
        self.layers = nn.ModuleList(Layer() for _ in range(DEPTH))

    def forward(self, signal: torch.Tensor) -> torch.Tensor:
        x = F.gelu(self.channel_norm(self.conv_layers[0](signal)))
        for convolution in self.conv_layers[1:]:
            x = F.gelu(convolution(x))
        x = self.post_extract_proj(self.layer_norm(x.transpose(1, 2)))
        # An even kernel gives one step more than it was given: the last goes.
        positions = self.pos_conv(x.transpose(1, 2))[:, :, :-1].transpose(1, 2)
        x = self.encoder_layer_norm(x + F.gelu(positions))
        for layer in self.layers:
            x = layer(x)
        # Each feature's mean over the steps where it is not 0, as the authors pool.
        return x.sum(dim=1) / (x != 0).to(x.dtype).sum(dim=1)


def seeded(dtype: torch.dtype = torch.float32) -> ECGFM:
    """The encoder with the deterministic weights, ready for inference."""
    model = ECGFM().to(dtype)
    for index, convolution in enumerate(model.conv_layers):
        _copy(convolution, f"feature_extractor.conv_layers.{index}.0")
    _copy(model.channel_norm, "feature_extractor.conv_layers.0.2")
    _copy(model.layer_norm, "layer_norm")
    _copy(model.post_extract_proj, "post_extract_proj")
    _copy_positions(model.pos_conv, "conv_pos.pos_conv.0")
    _copy(model.encoder_layer_norm, "encoder.layer_norm")
    for index, layer in enumerate(model.layers):
        name = f"encoder.layers.{index}."
        _copy_stacked(layer.projections, [name + f"self_attn.{part}_proj" for part in "qkv"])
        _copy(layer.out_proj, name + "self_attn.out_proj")
        _copy(layer.self_attn_layer_norm, name + "self_attn_layer_norm")
        _copy(layer.fc1, name + "fc1")
        _copy(layer.fc2, name + "fc2")
        _copy(layer.final_layer_norm, name + "final_layer_norm")
    return model.eval().requires_grad_(False)


def _copy(module: nn.Module, name: str) -> None:
    for key, parameter in module.named_parameters():
        parameter.data.copy_(torch.from_numpy(tensor(f"{name}.{key}", tuple(parameter.shape))))


def _copy_stacked(module: nn.Linear, names: list[str]) -> None:
    for key, shape in (("weight", (WIDTH, WIDTH)), ("bias", (WIDTH,))):
        stacked = np.concatenate([tensor(f"{name}.{key}", shape) for name in names])
        getattr(module, key).data.copy_(torch.from_numpy(stacked))


def _copy_positions(module: nn.Conv1d, name: str) -> None:
    """Folds the weight norm: tap k is `g[k] * v[:, :, k] / |v[:, :, k]|`."""
    values = tensor(name + ".weight_v", tuple(module.weight.shape)).astype(np.float64)
    gains = tensor(name + ".weight_g", (1, 1, TAPS)).astype(np.float64)
    norms = np.sqrt((values**2).sum(axis=(0, 1), keepdims=True))
    module.weight.data.copy_(torch.from_numpy(values * gains / norms))
    module.bias.data.copy_(torch.from_numpy(tensor(name + ".bias", (WIDTH,))))


def operations() -> int:
    """Classical operation count of one ECG (two windows), a multiply-add as two: the matrix products, nothing saved."""
    count, steps, channels = 0, SAMPLES, LEADS
    for _ in range(CONVOLUTIONS):
        steps //= 2
        count += steps * 2 * channels * FEATURES
        channels = FEATURES
    count += steps * FEATURES * WIDTH + steps * TAPS * WIDTH * (WIDTH // GROUPS)
    count += DEPTH * (steps * WIDTH * (4 * WIDTH + 2 * HIDDEN) + 2 * steps * steps * WIDTH)
    return 2 * 2 * count
