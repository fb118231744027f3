"""Writes the fixtures of NetworksTests: layers and whole training steps as PyTorch computes them.

    pip install torch==2.13.0 numpy==2.4.6
    python generate_steps.py .

Weights and inputs follow the rule of Sources/Tensor/SeededWeights.swift, so that only results are stored (the wide step by PyTorch 2.15.0). The network is
torchvision's ResNet-50 (models/resnet.py) with one-dimensional layers, written out below.
"""
import sys

import numpy as np
import torch
from torch import nn


def uniform(name, count):
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float64) / 2**23 - 1


def seeded(name, shape):
    if name.endswith(".running_var") or (name.endswith(".weight") and len(shape) == 1):
        base, scale = 1.0, 0.25
    elif name.endswith(".bias"):
        base, scale = 0.0, 0.125
    elif name.endswith(".weight"):
        fan_in, exponent = int(np.prod(shape[1:])), 0
        while 3 << (2 * exponent + 1) <= fan_in:
            exponent += 1
        base, scale = 0.0, 2.0**-exponent
    else:
        base, scale = 0.0, 0.5
    values = (base + scale * uniform(name, int(np.prod(shape)))).astype(np.float32)
    return torch.from_numpy(values.reshape(shape))


class Bottleneck(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1 = nn.Conv1d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm1d(width)
        self.conv2 = nn.Conv1d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm1d(width)
        self.conv3 = nn.Conv1d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm1d(4 * width)
        self.downsample = None
        if stride != 1 or inputs != 4 * width:
            self.downsample = nn.Sequential(
                nn.Conv1d(inputs, 4 * width, 1, stride, bias=False), nn.BatchNorm1d(4 * width))

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = torch.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self, leads, width, blocks):
        super().__init__()
        self.conv1 = nn.Conv1d(leads, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm1d(width)
        self.maxpool = nn.MaxPool1d(3, 2, 1)
        inputs, self.stages = width, len(blocks)
        for stage, count in enumerate(blocks):
            layers = []
            for index in range(count):
                layers.append(Bottleneck(inputs, width << stage, 2 if stage and not index else 1))
                inputs = 4 * (width << stage)
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        self.fc = nn.Linear(inputs, 1)

    def forward(self, x):
        x = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        for stage in range(self.stages):
            x = getattr(self, f"layer{stage + 1}")(x)
        return self.fc(x.mean(-1))[:, 0]


def network(width, dtype):
    net = ResNet(12, width, [3, 4, 6, 3])
    state = net.state_dict()
    for name, value in state.items():
        if not name.endswith("num_batches_tracked"):
            state[name] = seeded(name, list(value.shape))
    net.load_state_dict(state)
    return net.to(dtype)


def step(width, records, positions, dtype):
    net = network(width, dtype).train()
    values = uniform("signal", records * positions * 12).reshape(records, positions, 12)
    x = torch.from_numpy(values).to(dtype).transpose(1, 2)
    labels = torch.tensor([i % 3 == 0 for i in range(records)], dtype=dtype)
    optimiser = torch.optim.Adam(net.parameters(), lr=0.001)
    loss = nn.functional.binary_cross_entropy_with_logits(
        net(x), labels, pos_weight=torch.tensor(2.5, dtype=dtype))
    loss.backward()
    gradients = torch.cat([p.grad.flatten() for p in net.parameters()]).double().numpy()
    optimiser.step()
    updated = torch.cat([p.detach().flatten() for p in net.parameters()]).double().numpy()
    buffers = torch.cat(
        [b.flatten().double() for n, b in net.named_buffers() if "num_batches" not in n]).numpy()
    with torch.no_grad():
        logits = net.eval()(x).double().numpy()
    return loss.item(), gradients, updated, buffers, logits


def layers(folder):
    """A convolution, its batch normalisation, the pools: gradients of the sum of outputs times seeded factors."""
    torch.set_default_dtype(torch.float64)
    for inputs, outputs, taps, stride, padding, positions in [
        (3, 4, 7, 2, 3, 17), (5, 2, 1, 1, 0, 9), (4, 3, 1, 2, 0, 10), (2, 6, 3, 1, 1, 8), (3, 3, 3, 2, 1, 11)]:
        x = torch.from_numpy(uniform("x", 2 * positions * inputs)).reshape(2, positions, inputs)
        x = x.clone().requires_grad_()
        w = torch.from_numpy(uniform("w", outputs * inputs * taps)).reshape(outputs, inputs, taps)
        w = w.clone().requires_grad_()
        gamma = torch.from_numpy(1 + uniform("gamma", outputs) / 4).requires_grad_()
        beta = torch.from_numpy(uniform("beta", outputs)).requires_grad_()
        convolved = nn.functional.conv1d(x.transpose(1, 2), w, stride=stride, padding=padding)
        mean, variance = torch.zeros(outputs), torch.ones(outputs)
        y = nn.functional.batch_norm(convolved, mean, variance, gamma, beta, True, 0.1, 1e-5)
        y = nn.functional.max_pool1d(y, 3, 2, 1).transpose(1, 2)
        factors = torch.from_numpy(uniform("factors", y.numel())).reshape(y.shape)
        (y * factors).sum().backward()
        parts = [y, x.grad, w.grad, gamma.grad, beta.grad, mean, variance]
        name = f"layer-{inputs}-{outputs}-{taps}-{stride}-{padding}-{positions}.npy"
        np.save(f"{folder}/{name}", torch.cat([p.detach().flatten() for p in parts]).numpy())


def wide(folder):
    """A step at full width: 25 million gradients and updated parameters as projections on seeded vectors, each divided by
    both norms; how far PyTorch's own float32 is from float64; and the loss."""
    sides = []
    for dtype in (torch.float64, torch.float32):
        loss, gradients, updated, _, _ = step(64, 3, 128, dtype)
        sides.append((loss, gradients, updated))
    names = [(n, p.numel()) for n, p in network(64, torch.float32).named_parameters()]
    rows, start = [], 0
    for name, count in names:
        probe, part = uniform("probe " + name, count), slice(start, start + count)
        gradients = [side[1][part] for side in sides]
        norm = np.linalg.norm(gradients[0])
        rows.append([
            norm, gradients[0] @ probe / (norm * np.linalg.norm(probe)),
            np.linalg.norm(gradients[1] - gradients[0]) / norm])
        start += count
    np.save(f"{folder}/wide-gradients.npy", np.asarray(rows))
    np.save(f"{folder}/wide-loss.npy", np.asarray([sides[0][0], abs(sides[1][0] - sides[0][0])]))
    print("wide", sides[0][0], np.asarray(rows)[:, 2].max())


def main(folder):
    torch.set_num_threads(1)
    layers(folder)
    wide(folder)
    torch.set_default_dtype(torch.float32)
    exact = step(2, 3, 128, torch.float64)
    single = step(2, 3, 128, torch.float32)
    for name, value in zip(["loss", "gradients", "updated", "buffers", "logits"], exact):
        np.save(f"{folder}/step-{name}.npy", np.atleast_1d(np.asarray(value, dtype=np.float64)))
    # How far PyTorch's own float32 is from float64: loss, then gradients by their norm.
    deviation = [abs(single[0] - exact[0]),
                 np.linalg.norm(single[1] - exact[1]) / np.linalg.norm(exact[1])]
    np.save(f"{folder}/step-float32-deviation.npy", np.asarray(deviation))
    print(exact[0], exact[1].size, np.linalg.norm(exact[1]), np.abs(exact[1]).min(), deviation)


if __name__ == "__main__":
    main(sys.argv[1])
