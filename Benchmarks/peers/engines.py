"""The engines of the comparison, and the processes that answer for them."""

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).resolve().parent


class EngineFailure(Exception):
    """An engine did not load, answer or end as agreed; the message is for the reader of the table."""


@dataclass(frozen=True)
class Peer:
    """One row of the table."""

    name: str
    program: str
    variant: str = ""
    precision: str = "fp32"


PEERS = [
    Peer("PyTorch eager", "engine_pytorch.py"),
    Peer("PyTorch compiled, frozen", "engine_pytorch.py", "compiled"),
    Peer("ONNX Runtime", "engine_onnxruntime.py"),
    Peer("OpenVINO", "engine_openvino.py"),
]
INT8_PEER = Peer("ONNX Runtime, dynamic int8", "engine_onnxruntime.py", "int8", "int8")


class Process:
    """A program that answers each line on its standard input with one line of JSON."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path, first: str) -> None:
        """Starts it and waits for the answer with the key `first`; throws `EngineFailure`."""
        self._log = log
        start = time.monotonic()
        with log.open("w") as errors:
            self._child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=environment)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._child.stdout, selectors.EVENT_READ)
        self._pending = b""
        try:
            if not self._answer(timeout=900).get(first):
                raise EngineFailure(f"did not say {first}")
        except EngineFailure:
            self.stop()
            raise
        #: From the start of the process to its first answer.
        self.load_seconds = time.monotonic() - start

    def ask(self, line: str, timeout: float = 300) -> dict:
        """The answer to that line; throws `EngineFailure`."""
        try:
            self._child.stdin.write(line.encode() + b"\n")
            self._child.stdin.flush()
        except BrokenPipeError:
            raise EngineFailure(self._ended()) from None
        return self._answer(timeout)

    def resident_megabytes(self) -> float:
        """What the process holds in memory now, mapped files included."""
        status = Path(f"/proc/{self._child.pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        return int(fields["VmRSS"].split()[0]) * 1024 / 1e6

    def stop(self) -> None:
        self._child.stdin.close()
        try:
            self._child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._selector.close()
        self._child.stdout.close()

    def _answer(self, timeout: float) -> dict:
        deadline = time.monotonic() + timeout
        while b"\n" not in self._pending:
            if not self._selector.select(max(0.0, deadline - time.monotonic())):
                raise EngineFailure(f"no answer in {timeout:.0f} s, see {self._log}")
            received = os.read(self._child.stdout.fileno(), 1 << 20)
            if not received:
                raise EngineFailure(self._ended())
            self._pending += received
        line, self._pending = self._pending.split(b"\n", 1)
        try:
            answer = json.loads(line)
        except ValueError:
            raise EngineFailure(f"answered no JSON: {line[:80]!r}") from None
        if "error" in answer:
            raise EngineFailure(str(answer["error"]))
        return answer

    def _ended(self) -> str:
        try:
            status = self._child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            return f"closed its output, see {self._log}"
        last = self._log.read_text(errors="replace").strip().splitlines()[-1:]
        return f"ended with status {status}: {' '.join(last)[:200]} (see {self._log})"


class Contestant:
    """One row in one cell of the table: an engine that is ready for one encoder on so many threads."""

    def __init__(
        self, name: str, precision: str, process: Process, request: Callable[[int], str], plan: str
    ) -> None:
        """`request` writes the line that asks for so many timed passes."""
        self.name = name
        self.precision = precision
        self.process = process
        #: "one window", "both windows at once" or "one window after the other".
        self.plan = plan
        self.visits: list[list[float]] = []
        self.peaks: list[float] = []
        self.embedding: list[float] = []
        self._request = request

    def visit(self, passes: int) -> None:
        """Adds one visit's timings; throws `EngineFailure`."""
        answer = self.process.ask(self._request(passes))
        self.visits.append([float(value) for value in answer["milliseconds"]][-passes:])
        self.embedding = answer["embedding"]
        if "peakGFLOPS" in answer:
            self.peaks.append(float(answer["peakGFLOPS"]))


def start_peer(peer: Peer, encoder: str, threads: int, folder: Path, environment: dict[str, str]) -> Contestant:
    """The peer in the faster of its two ways with ECG-FM's two windows; throws `EngineFailure`."""
    windows = {"st-mem": 1, "ecg-fm": 2}[encoder]
    plans = {1: "one window after the other", 2: "both windows at once"} if windows == 2 else {1: "one window"}
    ready: list[Contestant] = []
    try:
        for batch, plan in plans.items():
            process = _start_worker(peer, encoder, threads, folder, environment, batch)
            ready.append(Contestant(peer.name, peer.precision, process, str, plan))
        fastest = _fastest(ready)
    except EngineFailure:
        for contestant in ready:
            contestant.process.stop()
        raise
    for contestant in ready:
        if contestant is not fastest:
            contestant.process.stop()
    return fastest


def _fastest(contestants: list[Contestant]) -> Contestant:
    """By the best of six passes each, taken in turn."""
    if len(contestants) == 1:
        return contestants[0]
    best = {id(contestant): float("inf") for contestant in contestants}
    for _ in range(2):
        for contestant in contestants:
            time.sleep(0.4)
            contestant.visit(3)
            best[id(contestant)] = min(best[id(contestant)], *contestant.visits.pop())
    return min(contestants, key=lambda contestant: best[id(contestant)])


def _start_worker(
    peer: Peer, encoder: str, threads: int, folder: Path, environment: dict[str, str], batch: int
) -> Process:
    command = [
        sys.executable, str(_HERE / peer.program), "--encoder", encoder, "--threads", str(threads), "--folder",
        str(folder), "--batch", str(batch), "--variant", peer.variant,
    ]
    name = f"{Path(peer.program).stem}{'-' + peer.variant if peer.variant else ''}-{encoder}-{threads}-{batch}.log"
    threading = {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
    return Process(command, environment | threading, folder / name, first="loaded")


def start_ours(binary: Path, folder: Path, environment: dict[str, str], threads: list[int]) -> Process:
    """`firstlead bench encoders`, which serves both encoders on any of those threads; throws `EngineFailure`."""
    command = [
        str(binary), "bench", "encoders", "--full-size", "--threads", ",".join(map(str, threads)), "--paced", "--json",
    ]
    return Process(command, environment, folder / "firstlead.log", first="ready")


def our_contestant(process: Process, encoder: str, threads: int, precision: str) -> Contestant:
    """One of our rows; throws `EngineFailure` when the binary does not know that precision."""

    def request(passes: int) -> str:
        # One pass more than is kept, for warming up.
        return f"{encoder} {threads} {precision} {passes + 1}"

    process.ask(request(0))
    name = "FirstLead" if precision == "fp32" else f"FirstLead, {precision}"
    plan = "one window" if encoder == "st-mem" else "one window after the other"
    return Contestant(name, precision, process, request, plan)
