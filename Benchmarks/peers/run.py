"""Runs the peers and us in turn on identical weights and inputs and prints the table: see README.md."""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import instruction_sets
import report
from engines import INT8_PEER, PEERS, Contestant, EngineFailure, Process, our_contestant, start_ours, start_peer

_HERE = Path(__file__).resolve().parent
#: Of a float32 engine's embedding (its values have a deviation near 1); a mistake in the network is above 2e-4.
_TOLERANCE = 5e-5

#: Cores; what spins after the last pass is gone within a tenth of a pause.
_DISTURBING = 0.25


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="firstlead-peers-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        result = Comparison(options, folder).run()
    text = report.markdown(result)
    print(text)
    options.output.write_text(json.dumps(result, indent=1) + "\n")
    _note(f"wrote {options.output}")
    if result["failures"]:
        raise SystemExit(1)


def _options() -> argparse.Namespace:
    def listed(text: str) -> list[str]:
        return text.split(",")

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=Path, help="our release binary; without it the peers run alone")
    parser.add_argument("--encoders", type=listed, default=["st-mem", "ecg-fm"])
    parser.add_argument("--threads", type=lambda text: [int(part) for part in text.split(",")], default=[1, 2])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--passes", type=int, default=3, help="timed passes of a visit")
    parser.add_argument("--pause", type=float, default=0.4, help="seconds before each visit")
    parser.add_argument("--precision", type=listed, default=["fp32", "int16"], help="our rows")
    parser.add_argument("--int8", action="store_true", help="ONNX Runtime's dynamic int8, too")
    parser.add_argument("--isa", choices=["native", "avx2"], default="native")
    parser.add_argument("--peers", type=listed, help="only those whose name contains one of these")
    parser.add_argument("--folder", type=Path, help="where models and logs are kept; else temporary")
    parser.add_argument("--output", type=Path, default=Path("peers.json"))
    return parser.parse_args()


class Comparison:
    """One run: every cell of (encoder, threads) in turn, all engines of a cell interleaved."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self._options = options
        self._folder = folder
        self._peers_environment = instruction_sets.peers_environment(options.isa, folder) | {
            "TORCHINDUCTOR_CACHE_DIR": str(folder / "inductor")}
        self._peers = [peer for peer in PEERS + [INT8_PEER] * options.int8 if self._wanted(peer.name)]
        self._failures: list[str] = []
        self._notes: list[str] = []
        self._cells: list[dict] = []
        #: Cores that something else kept busy during each pause.
        self._busy: list[float] = []

    def run(self) -> dict:
        """The whole result, as it is written to the JSON file."""
        ours = self._start_ours()
        try:
            for encoder in self._options.encoders:
                self._prepare(encoder)
                for threads in self._options.threads:
                    self._cells.append(self._cell(encoder, threads, ours))
        finally:
            if ours:
                ours.stop()
        self._note_disturbance()
        return {
            "schema": "firstlead/peers/1",
            "machine": instruction_sets.machine(self._options.isa),
            "versions": _versions(),
            "rounds": self._options.rounds,
            "passes": self._options.passes,
            "busyCoresInPauses": statistics.median(self._busy) if self._busy else None,
            "cells": self._cells,
            "notes": self._notes,
            "failures": self._failures,
        }

    def _wanted(self, name: str) -> bool:
        wanted = self._options.peers
        return wanted is None or any(part.lower() in name.lower() for part in wanted)

    def _start_ours(self) -> Process | None:
        if self._options.binary is None:
            self._notes.append("no binary of ours: the peers alone")
            return None
        _note("loading FirstLead")
        try:
            return start_ours(
                self._options.binary.resolve(), self._folder,
                instruction_sets.our_environment(self._options.isa), self._options.threads)
        except (EngineFailure, OSError) as failure:
            raise SystemExit(f"run: FirstLead: {failure}") from None

    def _prepare(self, encoder: str) -> None:
        """In a process of its own, so that its memory is given back before anything is timed."""
        _note(f"{encoder}: writing the models, checking the definitions")
        command = [sys.executable, str(_HERE / "prepare.py"), str(self._folder), encoder]
        command += ["--int8"] * self._options.int8
        command += ["--seven-bit-weights"] * (not instruction_sets.has_vnni(self._options.isa))
        log = self._folder / f"prepare-{encoder}.log"
        with log.open("w") as output:
            status = subprocess.run(command, stdout=output, stderr=output, check=False).returncode
        if status:
            raise SystemExit(f"run: prepare.py {encoder} ended with {status}:\n{log.read_text()[-2000:]}")

    def _cell(self, encoder: str, threads: int, ours: Process | None) -> dict:
        contestants = self._contestants(encoder, threads, ours)
        try:
            for round in range(self._options.rounds):
                _note(f"{encoder}, {threads} thread(s): round {round + 1} of {self._options.rounds}")
                self._round(contestants, round)
            facts = json.loads((self._folder / f"{encoder}.json").read_text())
            expected = np.load(self._folder / f"{encoder}-embedding.npy")
            rows = [self._row(contestant, expected) for contestant in contestants if contestant.visits]
        finally:
            for contestant in contestants:
                if contestant.process is not ours:
                    contestant.process.stop()
        peaks = [peak for contestant in contestants for peak in contestant.peaks]
        return {
            "encoder": encoder,
            "threads": threads,
            **facts,
            "peakGFLOPS": statistics.median(peaks) if peaks else None,
            "rows": rows,
        }

    def _contestants(self, encoder: str, threads: int, ours: Process | None) -> list[Contestant]:
        contestants: list[Contestant] = []
        for precision in self._options.precision if ours else []:
            try:
                contestants.append(our_contestant(ours, encoder, threads, precision))
            except EngineFailure as failure:
                self._note_once(f"FirstLead, {precision}: left out, the binary says: {failure}")
                if precision == "fp32":
                    self._failures.append(f"FirstLead: {encoder}, {threads} thread(s): {failure}")
        for peer in self._peers:
            _note(f"{encoder}, {threads} thread(s): loading {peer.name}")
            try:
                contestants.append(start_peer(
                    peer, encoder, threads, self._folder, self._peers_environment))
            except EngineFailure as failure:
                self._failures.append(f"{peer.name}: {encoder}, {threads} thread(s): {failure}")
        return contestants

    def _round(self, contestants: list[Contestant], round: int) -> None:
        """Each once; the one that starts moves on from round to round."""
        first = round % max(1, len(contestants))
        for contestant in contestants[first:] + contestants[:first]:
            # Threads of ONNX Runtime and OpenMP spin for a while after a pass and would slow the next engine.
            self._busy.append(_pause(self._options.pause))
            try:
                contestant.visit(self._options.passes)
            except EngineFailure as failure:
                raise SystemExit(f"run: {contestant.name}: {failure}") from None

    def _row(self, contestant: Contestant, expected: np.ndarray) -> dict:
        found = np.array(contestant.embedding)
        if found.shape != expected.shape:
            raise SystemExit(f"run: {contestant.name}: an embedding of shape {found.shape}")
        error = float(np.abs(found - expected).max())
        # Written so that a NaN fails.
        if contestant.precision == "fp32" and not error <= _TOLERANCE:
            self._failures.append(f"{contestant.name}: the embedding is {error:.1e} from float64's")
        cosine = float(found @ expected / np.sqrt((found @ found) * (expected @ expected)))
        return {
            "engine": contestant.name,
            "precision": contestant.precision,
            "plan": contestant.plan,
            "medianMilliseconds": statistics.median(sum(contestant.visits, [])),
            "milliseconds": contestant.visits,
            "residentMegabytes": contestant.process.resident_megabytes(),
            "loadSeconds": contestant.process.load_seconds,
            "maxAbsoluteError": error,
            "oneMinusCosine": 1 - cosine,
        }

    def _note_disturbance(self) -> None:
        disturbed = sum(busy > _DISTURBING for busy in self._busy)
        if disturbed > len(self._busy) // 10:
            self._notes.append(
                f"the machine was busy with something else before {disturbed} of {len(self._busy)} visits:"
                " take these times for nothing but a trial")

    def _note_once(self, note: str) -> None:
        if note not in self._notes:
            self._notes.append(note)


def _pause(seconds: float) -> float:
    """Waits, and says how many cores were busy meanwhile (Linux: proc(5), /proc/stat, hundredths of a second)."""

    def busy_seconds() -> float:
        user, nice, system = Path("/proc/stat").read_text().split(maxsplit=4)[1:4]
        return (int(user) + int(nice) + int(system)) / 100

    before = busy_seconds()
    time.sleep(seconds)
    return (busy_seconds() - before) / seconds if seconds else 0.0


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("torch", "onnxruntime", "openvino", "onnx", "numpy")}


def _note(text: str) -> None:
    print(f"peers: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
