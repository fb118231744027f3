"""What the generators of WFDB fixtures write beside a record: the oracle's samples and a description of the case."""

import gzip
import io
import json

import numpy


def write_case(folder, name, files, oracle, rate, tolerance, leads, options=None):
    buffer = io.BytesIO()
    numpy.save(buffer, oracle.astype(numpy.float32))
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as file:
        file.write(buffer.getvalue())
    (folder / (name + ".npy.gz")).write_bytes(packed.getvalue())
    members = {"files": files}
    if options is not None:
        members["options"] = options
    members |= {
        "format": "wfdb", "oracle": name + ".npy.gz", "leads": leads, "sampleRate": rate, "tolerance": tolerance}
    (folder / (name + ".case.json")).write_text(json.dumps(members, indent=1) + "\n")
