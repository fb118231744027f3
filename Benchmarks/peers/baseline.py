"""Compares the baseline's training step and inference with PyTorch on the CPU, turn by turn, on equal threads.

    swift build -c release --product firstlead
    pip install torch numpy
    python Benchmarks/peers/baseline.py --threads 2 --batch 16 --rounds 5

Both have a ResNet-50 with one-dimensional layers at full width, 12 leads of 2,500 samples, float32, Adam. Rounds take the
two programs in turn, so that other load meets both; what is reported is the median of each and of the rounds' ratios, by
the clock and by the processor time that each has used (user and system), which other programs disturb less.
Inference: one ECG after the other, as a server scores them, and for PyTorch also as one batch.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Ours:
    """`firstlead bench baseline --paced`."""

    def __init__(self, binary, threads, batch):
        self.process = subprocess.Popen(
            [binary, "bench", "baseline", "--paced", "--threads", str(threads), "--batch", str(batch)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def rate(self, work):
        self.process.stdin.write(f"{work} 1\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())["median"]

    def processor_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class PyTorch:
    """The network of the tests' fixtures."""

    def __init__(self, threads, batch):
        sys.dont_write_bytecode = True
        sys.path.insert(0, os.path.join(ROOT, "Tests", "NetworksTests", "Fixtures"))
        import torch
        from generate_steps import network

        torch.set_num_threads(threads)
        self.torch, self.batch, self.version = torch, batch, torch.__version__
        self.trained, self.served = network(64, torch.float32).train(), network(64, torch.float32).eval()
        self.optimiser = torch.optim.Adam(self.trained.parameters(), lr=0.001)
        self.x = torch.rand(batch, 12, 2500) * 2 - 1
        self.labels = (torch.arange(batch) % 3 == 0).float()

    def rate(self, work):
        begin = time.perf_counter()
        getattr(self, work)()
        return self.batch / (time.perf_counter() - begin)

    def processor_seconds(self):
        return time.process_time()

    def train(self):
        self.optimiser.zero_grad()
        loss = self.torch.nn.functional.binary_cross_entropy_with_logits(self.trained(self.x), self.labels)
        loss.backward()
        self.optimiser.step()

    def infer(self):
        with self.torch.inference_mode():
            for record in range(self.batch):
                self.served(self.x[record:record + 1])

    def batched(self):
        with self.torch.inference_mode():
            self.served(self.x)


def turn(program, work, batch):
    """ECGs per second by the clock, and per second of processor time."""
    before = program.processor_seconds()
    rate = program.rate(work)
    return rate, batch / max(program.processor_seconds() - before, 1e-9)


def row(name, mine, theirs):
    ratios = [a / b for a, b in zip(mine, theirs)]
    return (f"| {name} | {statistics.median(mine):.2f} | {statistics.median(theirs):.2f} | "
            f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--binary", default=os.path.join(ROOT, ".build", "release", "firstlead"))
    options = parser.parse_args()
    peer, ours = PyTorch(options.threads, options.batch), Ours(options.binary, options.threads, options.batch)
    pairs = [("train", "train"), ("infer", "infer"), ("infer", "batched")]
    for mine, theirs in pairs:
        ours.rate(mine)
        peer.rate(theirs)
    results = {pair: [] for pair in pairs}
    for _ in range(options.rounds):
        for pair in pairs:
            results[pair].append(
                turn(ours, pair[0], options.batch) + turn(peer, pair[1], options.batch))
    ours.close()
    print(f"PyTorch {peer.version}, {options.threads} threads, batch {options.batch}, {options.rounds} rounds")
    print("| work | FirstLead ECG/s | PyTorch ECG/s | ratio, median (least to largest) |")
    print("|---|---|---|---|")
    for (_, work), rounds in results.items():
        columns = list(zip(*rounds))
        print(row(work, columns[0], columns[2]))
        print(row(work + ", processor time", columns[1], columns[3]))


if __name__ == "__main__":
    main()
