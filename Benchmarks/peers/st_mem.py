"""ST-MEM's encoder at its published size, in PyTorch: our own code from our own description of the architecture
(`Sources/Encoders/STMEM`, docs/encoders.md), written so that eager PyTorch runs it as fast as it can.

Fields are named after the checkpoint's keys; `seeded` builds it from the deterministic weights.
"""

import torch
import torch.nn.functional as F
from torch import nn

from attention import attend
from seeded_weights import tensor

LEADS, PATCHES, PATCH, WIDTH, DEPTH, HEADS, HIDDEN = 12, 30, 75, 768, 12, 12, 3072
#: Each lead's patches stand between two separators.
POSITIONS = PATCHES + 2
TOKENS = LEADS * POSITIONS


class Block(nn.Module):
    """`x + to_out(attention(norm(x)))`, then `x + net3(gelu(net0(norm(x))))`; `[batch, tokens, width]`."""

    def __init__(self) -> None:
        super().__init__()
        self.attn_norm = nn.LayerNorm(WIDTH)
        self.to_qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.to_out = nn.Linear(WIDTH, WIDTH)
        self.ff_norm = nn.LayerNorm(WIDTH)
        self.net0 = nn.Linear(WIDTH, HIDDEN)
        self.net3 = nn.Linear(HIDDEN, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.to_out(attend(self.attn_norm(x), self.to_qkv, HEADS))
        return x + self.net3(F.gelu(self.net0(self.ff_norm(x))))


class STMEM(nn.Module):
    """`[batch, 12, 2250]` to `[batch, 768]`."""

    def __init__(self) -> None:
        super().__init__()
        self.patch_norm = nn.LayerNorm(PATCH)
        self.patch_projection = nn.Linear(PATCH, WIDTH)
        self.patch_output_norm = nn.LayerNorm(WIDTH)
        #: What does not depend on the ECG, added up once: position and lead, and the separator where a token is one.
        self.register_buffer("patch_constants", torch.empty(LEADS, PATCHES, WIDTH))
        self.register_buffer("left_separator", torch.empty(LEADS, 1, WIDTH))
        self.register_buffer("right_separator", torch.empty(LEADS, 1, WIDTH))
        self.blocks = nn.ModuleList(Block() for _ in range(DEPTH))
        self.norm = nn.LayerNorm(WIDTH)

    def forward(self, signal: torch.Tensor) -> torch.Tensor:
        batch = signal.shape[0]
        patches = self.patch_norm(signal.view(batch, LEADS, PATCHES, PATCH))
        patches = self.patch_output_norm(self.patch_projection(patches)) + self.patch_constants
        left = self.left_separator.expand(batch, LEADS, 1, WIDTH)
        right = self.right_separator.expand(batch, LEADS, 1, WIDTH)
        x = torch.cat([left, patches, right], dim=2).view(batch, TOKENS, WIDTH)
        for block in self.blocks:
            x = block(x)
        patches = x.view(batch, LEADS, POSITIONS, WIDTH)[:, :, 1:-1]
        return self.norm(patches.mean(dim=(1, 2)))


def seeded(dtype: torch.dtype = torch.float32) -> STMEM:
    """The encoder with the deterministic weights, ready for inference."""
    model = STMEM().to(dtype)
    _copy(model.patch_norm, "to_patch_embedding.1")
    _copy(model.patch_projection, "to_patch_embedding.2")
    _copy(model.patch_output_norm, "to_patch_embedding.3")
    for index, block in enumerate(model.blocks):
        name = f"block{index}."
        _copy(block.attn_norm, name + "attn.norm")
        _copy(block.to_qkv, name + "attn.fn.to_qkv")
        _copy(block.to_out, name + "attn.fn.to_out.0")
        _copy(block.ff_norm, name + "ff.norm")
        _copy(block.net0, name + "ff.fn.net.0")
        _copy(block.net3, name + "ff.fn.net.3")
    _copy(model.norm, "norm")
    _copy_constants(model, dtype)
    return model.eval().requires_grad_(False)


def _copy(module: nn.Module, name: str) -> None:
    for key, parameter in module.named_parameters():
        parameter.data.copy_(torch.from_numpy(tensor(f"{name}.{key}", tuple(parameter.shape))))


def _copy_constants(model: STMEM, dtype: torch.dtype) -> None:
    position = torch.from_numpy(tensor("pos_embedding", (1, POSITIONS, WIDTH)))[0].to(dtype)
    separator = torch.from_numpy(tensor("sep_embedding", (WIDTH,))).to(dtype)
    for lead in range(LEADS):
        embedding = torch.from_numpy(tensor(f"lead_embeddings.{lead}", (WIDTH,))).to(dtype)
        model.patch_constants[lead] = position[1:-1] + embedding
        model.left_separator[lead] = separator + position[0] + embedding
        model.right_separator[lead] = separator + position[-1] + embedding


def operations() -> int:
    """Classical operation count of one ECG, a multiply-add as two: the matrix products, nothing saved."""
    block = TOKENS * WIDTH * (4 * WIDTH + 2 * HIDDEN) + 2 * TOKENS * TOKENS * WIDTH
    return 2 * (DEPTH * block + LEADS * PATCHES * PATCH * WIDTH)
