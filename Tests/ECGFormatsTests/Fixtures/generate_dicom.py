"""Writes DICOM waveform objects of other transfer syntaxes, sample types and groups from wfdb/valid/00001_hr (PTB-XL 1.0.3,
record 1, CC BY 4.0) with pydicom, and takes what pydicom decodes of them for the oracle.

    pip install numpy pydicom==3.0.2 wfdb==4.3.1
    python generate_dicom.py
"""

import gzip
import io
import json
import pathlib

import numpy
import pydicom
import wfdb
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid)

HERE = pathlib.Path(__file__).parent
OUT = HERE / "dicom" / "variants" / "valid"
OUT.mkdir(parents=True, exist_ok=True)
LEADS = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
CODES = {"I": 1, "II": 2, "III": 61, "aVR": 62, "aVL": 63, "aVF": 64, **{f"V{n}": n + 2 for n in range(1, 7)}}
SIGNALS = wfdb.rdrecord(str(HERE / "wfdb" / "valid" / "00001_hr")).p_signal[:1000]


def code(value, scheme, meaning):
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return Sequence([item])


def group(leads, samples, kind, big, unit="uV", sensitivity=1.0, skew=None, label="RHYTHM", name=None):
    """A multiplex group; `samples` are counts, [samples, leads]."""
    types = {"SB": "i1", "UB": "u1", "SS": "i2", "US": "u2", "SL": "i4"}
    item = Dataset()
    item.WaveformOriginality = "ORIGINAL"
    item.NumberOfWaveformChannels = len(leads)
    item.NumberOfWaveformSamples = len(samples)
    item.SamplingFrequency = 500
    item.MultiplexGroupLabel = label
    channels = []
    for index, lead in enumerate(leads):
        channel = Dataset()
        channel.ChannelSourceSequence = (name or (lambda lead: code(f"2:{CODES[lead]}", "MDC", f"Lead {lead}")))(lead)
        channel.ChannelSensitivity = sensitivity
        channel.ChannelSensitivityUnitsSequence = code(unit, "UCUM", unit)
        channel.ChannelSensitivityCorrectionFactor = 1
        channel.ChannelBaseline = 0
        channel.ChannelSampleSkew = str(skew[index] if skew else 0)
        channel.WaveformBitsStored = 8 * numpy.dtype(types[kind]).itemsize
        channels.append(channel)
    item.ChannelDefinitionSequence = Sequence(channels)
    dtype = numpy.dtype((">" if big else "<") + types[kind])
    item.WaveformBitsAllocated = 8 * dtype.itemsize
    item.WaveformSampleInterpretation = kind
    item.WaveformData = samples.astype(dtype).tobytes()
    item["WaveformData"].VR = "OB" if dtype.itemsize == 1 else "OW"
    return item


def write(name, groups, syntax=ExplicitVRLittleEndian, preamble=True):
    data = Dataset()
    data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.9.1.1"
    data.SOPInstanceUID = generate_uid(entropy_srcs=[name])
    data.Modality = "ECG"
    data.AcquisitionDateTime = "20240229101112"
    data.WaveformSequence = Sequence(groups)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = syntax
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    buffer = io.BytesIO()
    if preamble:
        data.save_as(buffer, implicit_vr=syntax.is_implicit_VR, little_endian=syntax.is_little_endian, enforce_file_format=True)
    else:
        # As it comes out of a network message: the data set alone.
        stream = pydicom.filebase.DicomBytesIO()
        stream.is_little_endian, stream.is_implicit_VR = True, True
        pydicom.filewriter.write_dataset(stream, data)
        buffer = io.BytesIO(stream.getvalue())
    (OUT / (name + ".dcm")).write_bytes(buffer.getvalue())
    return pydicom.dcmread(io.BytesIO(buffer.getvalue()), force=not preamble)


def case(name, oracle, tolerance, leads=LEADS):
    buffer, packed = io.BytesIO(), io.BytesIO()
    numpy.save(buffer, oracle.astype(numpy.float32))
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as file:
        file.write(buffer.getvalue())
    (OUT / (name + ".npy.gz")).write_bytes(packed.getvalue())
    members = {
        "files": [name + ".dcm"], "format": "dicom", "oracle": name + ".npy.gz", "leads": leads, "sampleRate": 500.0,
        "tolerance": tolerance}
    (OUT / (name + ".case.json")).write_text(json.dumps(members, indent=1) + "\n")


def decoded(data, index=0, unit=1000):
    return data.waveform_array(index).T / unit


counts = numpy.round(SIGNALS * 1000)
for name, syntax in [
    ("explicit_big", ExplicitVRBigEndian), ("implicit_little", ImplicitVRLittleEndian),
    ("deflated", DeflatedExplicitVRLittleEndian),
]:
    data = write(name, [group(LEADS, counts, "SS", not syntax.is_little_endian)], syntax)
    oracle = decoded(data) if syntax.is_little_endian else SIGNALS.T
    assert numpy.abs(oracle - SIGNALS.T).max() < 0.0006
    case(name, oracle, 0.0005)

# Sample types: 8 bits at 20 uV, signed and unsigned around a baseline of -2 mV, 32 bits at 0.1 uV.
case("signed8", decoded(write("signed8", [group(LEADS, numpy.round(SIGNALS * 50), "SB", False, sensitivity=20)])), 0.01)
unsigned = group(LEADS, numpy.round((SIGNALS + 2) * 50), "UB", False, sensitivity=20)
for channel in unsigned.ChannelDefinitionSequence:
    channel.ChannelBaseline = -2000
case("unsigned8", decoded(write("unsigned8", [unsigned])), 0.01)
case("signed32", decoded(write("signed32", [group(LEADS, numpy.round(SIGNALS * 10000), "SL", False, sensitivity=0.1)])), 0.0001)

# Millivolts, and leads by SCPECG codes or by words alone.
scpecg = lambda lead: code(f"5.6.3-9-{CODES[lead]}", "SCPECG", f"Lead {lead}")
words = lambda lead: code(f"L-{LEADS.index(lead)}", "99LOCAL", f"Lead {lead} ({'Einthoven' if lead in LEADS[:3] else 'x'})")
case("millivolts", decoded(write("millivolts", [group(LEADS, counts, "SS", False, "mV", 0.001, name=scpecg)]), unit=1), 0.0005)
case("words", decoded(write("words", [group(LEADS, counts, "SS", False, name=words)])), 0.0005)

# Limb and chest leads in groups of their own, then a median beat of all.
split = write("two_groups", [
    group(LEADS[:6], counts[:, :6], "SS", False, label="LIMB"), group(LEADS[6:], counts[:, 6:], "SS", False, label="CHEST"),
    group(LEADS, counts[:300], "SS", False, label="MEDIAN BEAT")])
case("two_groups", numpy.concatenate([decoded(split, 0), decoded(split, 1)]), 0.0005)

# The median beat before the rhythm.
median = write("median_first", [
    group(LEADS, counts[:300], "SS", False, label="MEDIAN BEAT"), group(LEADS, counts, "SS", False)])
case("median_first", decoded(median, 1), 0.0005)

# Chest leads three samples late, V6 two early: what not all leads cover is left out.
late = [0] * 6 + [3] * 5 + [-2]
stored = numpy.zeros_like(counts)
for lead, shift in enumerate(late):
    stored[max(0, -shift):1000 - max(0, shift), lead] = counts[max(0, shift):1000 - max(0, -shift), lead]
write("skew", [group(LEADS, stored, "SS", False, skew=late)])
case("skew", SIGNALS[3:998].T, 0.0005)

# Without preamble and meta information.
case("bare", decoded(write("bare", [group(LEADS, counts, "SS", False)], ImplicitVRLittleEndian, preamble=False)), 0.0005)
