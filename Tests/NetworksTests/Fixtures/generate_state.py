"""Writes a state dictionary as a GPU's owner would save it, and the logits that PyTorch computes with it.

    pip install torch==2.15.0 numpy==2.4.6
    python generate_state.py .

The network is the one of generate_steps.py at width 2, wrapped in DataParallel as many training scripts save it.
"""
import sys

import numpy as np
import torch

from generate_steps import network, uniform


def main(folder):
    torch.set_num_threads(1)
    net = network(2, torch.float32).eval()
    torch.save(torch.nn.DataParallel(net).state_dict(), f"{folder}/resnet50-width2.pt")
    records, positions = 2, 2500
    values = uniform("ecg", records * 12 * positions).reshape(records, 12, positions)
    with torch.no_grad():
        single = net(torch.from_numpy(values).float()).double().numpy()
        exact = net.double()(torch.from_numpy(values)).numpy()
    np.save(f"{folder}/resnet50-width2-logits.npy", exact)
    print(exact, np.abs(single - exact).max())


if __name__ == "__main__":
    main(sys.argv[1])
