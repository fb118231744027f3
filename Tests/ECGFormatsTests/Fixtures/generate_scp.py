"""Writes wfdb/valid/00001_hr (PTB-XL 1.0.3, record 1, CC BY 4.0) as SCP-ECG with bimodal compression: outside the protected
zones around the QRS complexes one sample stands for four (EN 1064 section 5.9 and annex C), with and without a reference
beat subtracted.

The decoding below is the one of scp-decode.cpp by Eugenio Cervesato, which biosig carries but no longer calls (biosig4c++/t210,
donnchadh/biosig at commit 1e12c1dffaf1: Interpolate, DoFilter, DoAdd; not the optional Opt_Filter). Those three functions, compiled
from there around a main that reads what `other_decoder` writes, gave the same samples to the last bit. ECGToolkit
(SCPSection6.cs) lays the samples out and interpolates in the same way, and does not smooth.

    pip install numpy wfdb==4.3.1
    python generate_scp.py [PROGRAM]    # the program compiled from scp-decode.cpp, to compare with
"""

import gzip
import io
import json
import pathlib
import struct
import subprocess
import sys

import numpy
import wfdb

HERE = pathlib.Path(__file__).parent
OUT = HERE / "scp" / "valid"
FACTOR = 4
INTERVAL = 2000
LEADS = {"I": 1, "II": 2, "V1": 3, "V2": 4, "V3": 5, "V4": 6, "V5": 7, "V6": 8}


def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ 0x1021 if value & 0x8000 else value << 1) & 0xFFFF
    return struct.pack("<H", value)


def section(number, body, head=bytes(6)):
    body += bytes(len(body) % 2)
    rest = struct.pack("<HIBB", number, len(body) + 16, 20, 20) + head + body
    return crc(rest) + rest


def record(bodies):
    pointers, sections, offset = b"", [], 7 + 16 + 120
    for number in range(1, 12):
        data = section(number, bodies[number]) if number in bodies else b""
        pointers += struct.pack("<HII", number, len(data), offset if data else 0)
        sections.append(data)
        offset += len(data)
    pointers = struct.pack("<HII", 0, 136, 7) + pointers
    content = section(0, pointers, b"SCPECG") + b"".join(sections)
    content = struct.pack("<I", len(content) + 6) + content
    return crc(content) + content


def huffman(values):
    """The default table."""
    bits = []
    for value in map(int, values):
        if value == 0:
            bits.append("0")
        elif abs(value) <= 8:
            bits.append("1" * abs(value) + "0" + ("0" if value > 0 else "1"))
        elif -128 <= value <= 127:
            bits.append("1" * 9 + "0" + format(value & 0xFF, "08b"))
        else:
            bits.append("1" * 9 + "1" + format(value & 0xFFFF, "016b"))
    text = "".join(bits)
    text += "0" * (-len(text) % 16)
    return int(text, 2).to_bytes(len(text) // 8, "big")


def second_differences(values):
    values = numpy.asarray(values, dtype=numpy.int64)
    coded = values.copy()
    coded[2:] = values[2:] - 2 * values[1:-1] + values[:-2]
    return coded


def data_section(nanovolts, interval, flag, leads):
    coded = [huffman(second_differences(lead)) for lead in leads]
    head = struct.pack("<HHBB", nanovolts, interval, 2, flag)
    return head + b"".join(struct.pack("<H", len(lead)) for lead in coded) + b"".join(coded)


def complexes(signal):
    """Where the slope of lead II is steepest, at least 0.4 s apart."""
    slope = numpy.abs(numpy.gradient(signal.astype(float)))
    found = []
    for index in numpy.argsort(-slope):
        if slope[index] < 0.4 * slope.max():
            break
        if all(abs(index - other) > 200 for other in found):
            found.append(int(index))
    return sorted(found)


def stretches(zones, count):
    """Outside the zones, which are first and last index."""
    start = 0
    for first, last in zones:
        yield start, first - 1
        start = last + 1
    yield start, count - 1


def thin(lead, zones):
    stored = []
    for (first, last), zone in zip(stretches(zones, len(lead)), zones + [None]):
        stretch = lead[first : last + 1]
        whole = len(stretch) // FACTOR * FACTOR
        stored += [int(numpy.floor(four.mean() + 0.5)) for four in stretch[:whole].reshape(-1, FACTOR)]
        stored += list(stretch[whole:])
        if zone:
            stored += list(lead[zone[0] : zone[1] + 1])
    return stored


def interpolate(stored, zones, count):
    lead, at = [], 0
    for (first, last), zone in zip(stretches(zones, count), zones + [None]):
        whole, rest = divmod(last - first + 1, FACTOR)
        if whole:
            lead += [stored[at]] * 2
            for _ in range(whole - 1):
                step = (stored[at + 1] - stored[at]) / FACTOR
                lead += [int(stored[at] + position * step) for position in range(FACTOR)]
                at += 1
            lead += [stored[at]] * 2
            at += 1
        copied = rest + (zone[1] - zone[0] + 1 if zone else 0)
        lead += stored[at : at + copied]
        at += copied
    assert at == len(stored) and len(lead) == count
    return numpy.array(lead, dtype=numpy.int64)


def smooth(lead, pieces):
    """The mean of three, rounded away from zero at a half, within each piece; its ends stay."""
    result = lead.copy()
    for first, last in pieces:
        for index in range(first + 1, last):
            total = int(lead[index - 1 : index + 2].sum())
            result[index] = (total + 1) // 3 if total >= 0 else -((-total + 1) // 3)
    return result


def pieces(zones, beats, count):
    """Stretches with the outermost samples of the zones beside them, cut where a subtraction begins or ends."""
    for first, last in stretches(zones, count):
        first, last = max(first - 1, 0), min(last + 1, count - 1)
        for begin, _, end in beats:
            if first < begin <= last:
                yield first, begin - 1
                first = begin
            if first <= end < last:
                yield first, end
                first = end + 1
        yield first, last


def other_decoder(program, subtracts, nanovolts, beats, zones, stored, body5, count):
    """What the functions of scp-decode.cpp make of the samples as stored, in nanovolts."""
    beat_nanovolts, nanovolts = nanovolts
    numbers = [len(stored), count, len(stored[0]), len(zones), int(subtracts), beat_nanovolts, nanovolts]
    numbers += [beats[0][1] - beats[0][0] + 1, body5.shape[1]]
    for beat, zone in zip(beats, zones):
        numbers += [0, *(index + 1 for index in (*beat, *zone))]
    numbers += [int(sample) for lead in (*stored, *body5) for sample in lead]
    sent = numpy.array(numbers, dtype="<i4").tobytes()
    answer = subprocess.run([program], input=sent, capture_output=True, check=True).stdout
    return numpy.frombuffer(answer, "<i4").reshape(len(stored), count)


def write(name, subtracts, beat_nanovolts, nanovolts):
    header = wfdb.rdrecord(str(HERE / "wfdb" / "valid" / "00001_hr"))
    names = [lead.upper() for lead in header.sig_name]
    microvolts = numpy.round(header.p_signal * 1000).astype(numpy.int64)
    microvolts = numpy.array([microvolts[:, names.index(lead.upper())] for lead in LEADS])
    count = microvolts.shape[1]
    marks = [mark for mark in complexes(microvolts[1]) if 130 <= mark < count - 240]
    before, after = 120, 199
    ends = [following - before - 1 for following in marks[1:]] + [count - 1]
    beats = [(mark - before, mark, min(mark + after, end)) for mark, end in zip(marks, ends)]
    zones = [(mark - 38, mark + 41) for mark in marks]
    counts = numpy.round(microvolts * 1000 / nanovolts).astype(numpy.int64)
    body5 = numpy.zeros((len(LEADS), before + after + 1), dtype=numpy.int64)
    if subtracts:
        for lead in range(len(LEADS)):
            mean = numpy.mean([microvolts[lead, mark - before : mark + after + 1] for mark in marks], axis=0)
            body5[lead] = numpy.round(mean * 1000 / beat_nanovolts)
            rest = microvolts[lead] * 1000
            for begin, _, end in beats:
                rest[begin : end + 1] -= body5[lead, : end + 1 - begin] * beat_nanovolts
            counts[lead] = numpy.round(rest / nanovolts)
    stored = [thin(lead, zones) for lead in counts]
    identity = bytes(8) + b"PTBXL\0" + bytes([20, 0xA0, 0, 0xD0, 0]) + bytes(15) + bytes([0]) + bytes(5)
    bodies = {
        1: b"".join(
            bytes([tag]) + struct.pack("<H", len(value)) + value
            for tag, value in [
                (2, b"1\0"), (14, identity), (25, struct.pack("<HBB", 2024, 2, 29)), (26, bytes([9, 8, 7])), (255, b"")]),
        2: struct.pack("<H", 19999),
        3: bytes([len(LEADS), (1 if subtracts else 0) | 4 | len(LEADS) << 3])
        + b"".join(struct.pack("<IIB", 1, count, code) for code in LEADS.values()),
        4: struct.pack("<HHH", (before + after + 1) * INTERVAL // 1000, before + 1, len(beats))
        + b"".join(struct.pack("<HIII", 0, *(index + 1 for index in beat)) for beat in beats)
        + b"".join(struct.pack("<II", first + 1, last + 1) for first, last in zones),
        5: data_section(beat_nanovolts, INTERVAL, 0, body5),
        6: data_section(nanovolts, INTERVAL * FACTOR, 1, stored),
    }
    file = OUT / name
    file.write_bytes(record(bodies))
    decoded = []
    for lead, samples in enumerate(stored):
        whole = interpolate([int(sample) for sample in samples], zones, count)
        whole = smooth(whole, list(pieces(zones, beats, count))) * nanovolts
        if subtracts:
            for begin, _, end in beats:
                whole[begin : end + 1] += body5[lead, : end + 1 - begin] * beat_nanovolts
        decoded.append(whole)
    decoded = numpy.array(decoded)
    error = numpy.abs(microvolts * 1000 - decoded) / 1000
    print(name, file.stat().st_size, "bytes; the source differs by at most", error.max(), "uV, in the zones by",
          max(error[:, first : last + 1].max() for first, last in zones))
    if len(sys.argv) > 1:
        other = other_decoder(
            sys.argv[1], subtracts, (beat_nanovolts, nanovolts), beats, zones, stored, body5, count)
        print("scp-decode.cpp differs by at most", numpy.abs(other - decoded).max(), "nV")
    numpy_file, packed = io.BytesIO(), io.BytesIO()
    numpy.save(numpy_file, (decoded / 1e6).astype(numpy.float32))
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as target:
        target.write(numpy_file.getvalue())
    (OUT / f"{name}.npy.gz").write_bytes(packed.getvalue())
    case = {
        "files": [name], "format": "scp", "oracle": f"{name}.npy.gz", "leads": list(LEADS), "sampleRate": 500.0,
        "tolerance": 1e-6}
    (OUT / f"{name}.case.json").write_text(json.dumps(case, indent=1) + "\n")


write("ptbxl_bimodal.scp", False, 5000, 5000)
write("ptbxl_bimodal_refbeat.scp", True, 1000, 5000)


def damaged(name, code, find, replacement):
    """One change to the file with a reference beat; its CRCs are wrong then, which is reported and no more."""
    data = (OUT / "ptbxl_bimodal_refbeat.scp").read_bytes()
    assert data.count(find) == 1
    folder = OUT.parent / "invalid"
    (folder / f"{name}.scp.gz").write_bytes(gzip.compress(data.replace(find, replacement), mtime=0))
    case = {"files": [f"{name}.scp.gz"], "code": code}
    (folder / f"{name}.case.json").write_text(json.dumps(case, indent=1) + "\n")


data = (OUT / "ptbxl_bimodal_refbeat.scp").read_bytes()
section4 = struct.unpack_from("<I", data, 68)[0] - 1 + 16
number = struct.unpack_from("<H", data, section4 + 4)[0]
zones = section4 + 6 + 14 * number
both = data[zones : zones + 16]
damaged("bimodal_zones_overlap", "malformed", both, both[:4] + both[12:16] + both[8:])
damaged(
    "bimodal_two_for_one", "unsupported-encoding", struct.pack("<HHBB", 5000, 8000, 2, 1),
    struct.pack("<HHBB", 5000, 4000, 2, 1))
