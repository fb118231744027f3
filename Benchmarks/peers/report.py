"""The Markdown table of a comparison."""

import statistics

_ENCODERS = {"st-mem": "ST-MEM", "ecg-fm": "ECG-FM"}


def markdown(result: dict) -> str:
    """Latencies, ratios to ours, memory and errors, then what has to be said about them."""
    cells = result["cells"]
    machine = result["machine"]
    parts = [
        f"One ECG, batch 1, median ms of {result['rounds']} interleaved rounds of {result['passes']} passes"
        " (share of the fp32 FMA peak measured in the same run; time as a multiple of FirstLead's fp32, median of the"
        f" rounds). {machine['processor']}, {machine['cores']} cores, {machine['instructions']}; "
        + ", ".join(f"{name} {version}" for name, version in result["versions"].items()) + ".",
        _latencies(cells),
        "Memory and start are at the first thread count; a start lasts until the first embedding, Python's start"
        " included, FirstLead's until both encoders are loaded, and its memory is that of both. Errors are the worst"
        " over thread counts, against a float64 run of the same network.",
        _properties(cells),
    ]
    parts += [f"- {note}" for note in result["notes"]]
    parts += [f"- FAILED: {failure}" for failure in result["failures"]]
    return "\n\n".join(parts)


def _engines(cells: list[dict]) -> list[str]:
    names: list[str] = []
    for cell in cells:
        names += [row["engine"] for row in cell["rows"] if row["engine"] not in names]
    return names


def _row(cell: dict, engine: str) -> dict | None:
    return next((row for row in cell["rows"] if row["engine"] == engine), None)


def _heading(cell: dict) -> str:
    return f"{_ENCODERS[cell['encoder']]}, {cell['threads']} thread{'s' * (cell['threads'] > 1)}"


def _latencies(cells: list[dict]) -> str:
    threads = sorted({cell["threads"] for cell in cells})
    both = len({cell["encoder"] for cell in cells}) == len(_ENCODERS)
    headings = ["engine"] + [_heading(cell) for cell in cells]
    headings += [f"both, {count} thread{'s' * (count > 1)}" for count in threads if both]
    rows = [["peak, GFLOP/s"] + [_number(cell["peakGFLOPS"]) for cell in cells]]
    rows.append(["all operations at the peak"] + [_number(_floor(cell)) for cell in cells])
    for engine in _engines(cells):
        rows.append([engine] + [_latency(cell, engine) for cell in cells])
    rows.append(["**fastest fp32 peer, to FirstLead**"] + [_margin(cell) for cell in cells])
    for row in rows[2:-1] if both else []:
        row += [_sum(cells, row[0], count) for count in threads]
    return _table(headings, rows)


def _properties(cells: list[dict]) -> str:
    encoders = list(dict.fromkeys(cell["encoder"] for cell in cells))
    headings = ["engine"]
    for encoder in encoders:
        name = _ENCODERS[encoder]
        headings += [f"{name}, MB", "start, s", "largest error", "1 - cosine"]
    headings.append("windows of ECG-FM")
    rows = []
    for engine in _engines(cells):
        row = [engine]
        for encoder in encoders:
            found = [_row(cell, engine) for cell in cells if cell["encoder"] == encoder]
            row += _property_columns([item for item in found if item])
        plans = [_row(cell, engine) for cell in cells if cell["encoder"] == "ecg-fm"]
        row.append("; ".join(dict.fromkeys(item["plan"] for item in plans if item)))
        rows.append(row)
    return _table(headings, rows)


def _property_columns(rows: list[dict]) -> list[str]:
    if not rows:
        return [""] * 4
    return [
        f"{rows[0]['residentMegabytes']:.0f}",
        f"{rows[0]['loadSeconds']:.1f}",
        f"{max(row['maxAbsoluteError'] for row in rows):.1e}",
        f"{max(row['oneMinusCosine'] for row in rows):.0e}",
    ]


def _floor(cell: dict) -> float | None:
    return cell["gigaflops"] / cell["peakGFLOPS"] * 1e3 if cell["peakGFLOPS"] else None


def _latency(cell: dict, engine: str) -> str:
    row = _row(cell, engine)
    if row is None:
        return ""
    text = _number(row["medianMilliseconds"])
    floor = _floor(cell)
    if floor and row["precision"] == "fp32":
        text += f" ({100 * floor / row['medianMilliseconds']:.0f}%)"
    ratio = _ratio(cell, row)
    return text + (f" {ratio:.2f}x" if ratio else "")


def _ratio(cell: dict, row: dict) -> float | None:
    """Median over the rounds of the engine's time over ours in the same round."""
    ours = _row(cell, "FirstLead")
    if ours is None or row is ours:
        return None
    pairs = zip(row["milliseconds"], ours["milliseconds"], strict=True)
    return statistics.median(statistics.median(theirs) / statistics.median(own) for theirs, own in pairs)


def _margin(cell: dict) -> str:
    peers = [row for row in cell["rows"] if row["precision"] == "fp32" and row["engine"] != "FirstLead"]
    if not peers or _row(cell, "FirstLead") is None:
        return ""
    fastest = min(peers, key=lambda row: _ratio(cell, row))
    return f"**{_ratio(cell, fastest):.2f}x** {fastest['engine']}"


def _sum(cells: list[dict], engine: str, threads: int) -> str:
    rows = [_row(cell, engine) for cell in cells if cell["threads"] == threads]
    return "" if None in rows else _number(sum(row["medianMilliseconds"] for row in rows))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"


def _table(headings: list[str], rows: list[list[str]]) -> str:
    padded = [row + [""] * (len(headings) - len(row)) for row in rows]
    lines = [headings, ["---"] * len(headings)] + padded
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
