"""Writes the MATLAB fixtures from wfdb/valid/00001_hr (PTB-XL 1.0.3, record 1, CC BY 4.0) with scipy, and checks each with
scipy's own reader before it is kept.

    pip install numpy scipy wfdb==4.3.1
    python generate_matlab.py
"""

import gzip
import io
import json
import pathlib
import struct

import numpy
import scipy.io
import wfdb

HERE = pathlib.Path(__file__).parent
LEADS = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]


def gzipped(data):
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as file:
        file.write(data)
    return buffer.getvalue()


def case(kind, name, data, **members):
    folder = HERE / "matlab" / kind
    folder.mkdir(parents=True, exist_ok=True)
    # What a file says of itself is read without more, and by benchmarks too: it stays as senders have it.
    file, content = (name + ".mat.gz", gzipped(data)) if members.get("options", True) else (name + ".mat", data)
    (folder / file).write_bytes(content)
    members["files"] = [file]
    (folder / (name + ".mat.case.json")).write_text(json.dumps(members, indent=1) + "\n")


def valid(name, data, millivolts, rate, tolerance, options=None, leads=LEADS):
    oracle = io.BytesIO()
    numpy.save(oracle, millivolts.astype(numpy.float32))
    folder = HERE / "matlab" / "valid"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / (name + ".npy.gz")).write_bytes(gzipped(oracle.getvalue()))
    case(
        "valid", name, data, options=options or {}, format="matlab", oracle=name + ".npy.gz", leads=leads,
        sampleRate=rate, tolerance=tolerance)


def saved(variables, **options):
    buffer = io.BytesIO()
    scipy.io.savemat(buffer, variables, **options)
    # scipy writes the time into the header.
    return b"MATLAB 5.0 MAT-file, written by scipy".ljust(116) + buffer.getvalue()[116:]


def level4(name, matrix, order):
    """A matrix of int16 in level 4, in either byte order."""
    mopt = {"<": 0, ">": 1000}[order] + 30
    head = struct.pack(order + "5i", mopt, *matrix.shape, 0, len(name) + 1)
    return head + name.encode() + b"\0" + matrix.astype(order + "i2").tobytes(order="F")


record = wfdb.rdrecord(str(HERE / "wfdb" / "valid" / "00001_hr"))
whole = record.p_signal.T
# Two seconds keep the files small.
millivolts = whole[:, :1000]
microvolts = numpy.round(millivolts * 1000).astype(numpy.int16)
stated = {"sampleRate": 500, "units": "uV", "leadOrder": LEADS}

for order, name in [("<", "val_level4_little"), (">", "val_level4_big")]:
    data = level4("val", microvolts, order)
    assert (scipy.io.loadmat(io.BytesIO(data))["val"] == microvolts).all()
    valid(name, data, millivolts, 500, 0.0005, stated)

# CPSC 2018: a structure with data in millivolts, and neither rate nor names of leads.
valid(
    "cpsc_struct", saved({"ECG": {"sex": "Male", "age": 52, "data": millivolts}}), millivolts, 500, 1e-6,
    {**stated, "units": "mV"})
# CODE: samples by leads, the first of N = 1 ECGs, single precision.
valid(
    "code_samples_by_leads", saved({"tracings": millivolts.T[None].astype(numpy.float32), "id": 17}), millivolts,
    500, 1e-6, {**stated, "units": "mV"})
# All that a file can say, compressed; names of leads in cells, and in a matrix of characters.
valid(
    "self_describing_cells",
    saved({"val": microvolts, "fs": 500, "units": "uV", "leads": numpy.array(LEADS, dtype=object)}, do_compression=True),
    millivolts, 500, 0.0005)
valid(
    "self_describing_rows",
    saved({"signal": millivolts.T, "Sampling_Rate": 500.0, "unit": "mV", "sig_name": numpy.array(LEADS)}),
    millivolts, 500, 1e-6)
# A vector for each lead, eight of them.
eight = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"]
rows = [LEADS.index(lead) for lead in eight]
valid(
    "vectors", saved({**dict(zip(eight, microvolts[rows])), "freq": 500, "units": "uV"}), millivolts[rows], 500, 0.0005,
    leads=eight)
# Missing samples are NaN.
gaps = millivolts.copy()
gaps[3, 40:45] = numpy.nan
valid("nan", saved({"ecg": gaps, "fs": 500, "units": "mV", "leads": LEADS}), gaps, 500, 1e-6)

plain = {"val": microvolts, "fs": 500, "units": "uV", "leads": LEADS}
v5 = saved(plain)
v4 = level4("val", microvolts, "<")
case("invalid", "no_rate", saved({**plain, "fs": "x"}), code="sample-rate-missing")
case("invalid", "no_units", saved({k: v for k, v in plain.items() if k != "units"}), code="unit-missing")
case("invalid", "no_leads", saved({k: v for k, v in plain.items() if k != "leads"}), code="lead-names-missing")
case("invalid", "unit_of_pressure", saved({**plain, "units": "mmHg"}), code="unit-unknown")
case("invalid", "rate_conflict", v5, options={"sampleRate": 250}, code="sample-rate-conflict")
case("invalid", "units_conflict", v5, options={"units": "mV"}, code="unit-conflict")
case("invalid", "leads_conflict", v5, options={"leadOrder": LEADS[::-1]}, code="lead-names-conflict")
case("invalid", "too_few_names", v4, options={**stated, "leadOrder": LEADS[:8]}, code="lead-names-conflict")
case("invalid", "two_matrices", saved({**plain, "raw": microvolts, "val": 1, "filtered": microvolts}), code="ambiguous-upload")
case("invalid", "two_ecgs", saved({"tracings": numpy.zeros((2, 400, 12))}), options=stated, code="ambiguous-upload")
case("invalid", "two_leads", saved({"val": microvolts[:2], "fs": 500, "units": "uV"}), code="recording")
case("invalid", "infinite", saved({**plain, "val": numpy.where(millivolts == millivolts[0, 0], numpy.inf, millivolts), "units": "mV"}), code="recording")
case("invalid", "level5_cut", v5[:900], code="truncated")
case("invalid", "level5_header_only", v5[:128], code="truncated")
case("invalid", "level4_negative_rows", v4[:4] + struct.pack("<i", -12) + v4[8:], options=stated, code="malformed")
case("invalid", "level4_2e9_columns", v4[:8] + struct.pack("<i", 2_000_000_000) + v4[12:], options=stated, code="truncated")
case("invalid", "level4_more_bytes_than_there_are_numbers", struct.pack("<3i", 0, 2**31 - 1, 2**31 - 1) + v4[12:], options=stated, code="truncated")
case("invalid", "level4_cut", v4[:5000], options=stated, code="truncated")
case("invalid", "hdf5_v73", b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\0\2IM" + b"\0" * 384 + b"\x89HDF\r\n\x1a\n", code="unsupported-encoding")
dims = v5.index(struct.pack("<II", 5, 8) + struct.pack("<ii", 12, 1000)) + 8
case("invalid", "level5_absurd_dimensions", v5[:dims] + struct.pack("<ii", 2**31 - 1, 2**31 - 1) + v5[dims + 8:], code="truncated")
bomb = saved({"val": numpy.zeros((12, 1_500_000), numpy.int16)}, do_compression=True)
case("invalid", "zlib_bomb", bomb, code="limit-exceeded")
case("invalid", "zlib_damaged", saved(plain, do_compression=True)[:140] + b"\xff" * 40 + saved(plain, do_compression=True)[180:], code="malformed")
rows = struct.pack("<5i", 1, 2**31 - 1, 0, 0, 5) + b"text\0"
case("invalid", "level4_text_without_columns", rows + v4[:20].replace(struct.pack("<i", 12), struct.pack("<i", 2)) + v4[20:], options=stated, code="truncated")
case("invalid", "level4_rows_of_nothing", rows, options=stated, code="truncated")
case("invalid", "level5_many_dimensions", v5[:dims - 8] + struct.pack("<II", 5, 40) + struct.pack("<10i", *[1] * 10) + v5[dims + 8:], code="malformed")
