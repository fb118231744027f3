"""Reads what `firstlead convert` writes with other people's parsers, and compares it with the fixtures' oracles.

    pip install numpy wfdb==4.3.1 pydicom==3.0.2 ecgdatakit==2.0.3 fhir.resources==8.3.0
    python check_writers.py FIRSTLEAD

For every valid fixture and every format: convert, read, compare each stored lead with the oracle. The largest difference
may be the oracle's own tolerance and half a step of what was written. Ends with 1 if any differs.
"""

import csv
import gzip
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy
import pydicom
import wfdb
from ecgdatakit import FileParser
from fhir.resources.R4B.observation import Observation

LEADS = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
HALF_STEP = 0.00025
# What pydicom says of values that break the rules of their type.
warnings.filterwarnings("error", module="pydicom")


def read_wfdb(path):
    record = wfdb.rdrecord(str(path.with_suffix("")))
    assert record.units == ["mV"] * 12, record.units
    return record.fs, dict(zip(record.sig_name, record.p_signal.T))


def read_csv(path):
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    table = numpy.array([[float(cell or "nan") for cell in row] for row in rows[1:]])
    names = [label.split(" ")[0] for label in rows[0][1:]]
    return (len(table) - 1) / table[-1, 0], dict(zip(names, table[:, 1:].T))


def read_json(path):
    ecg = json.loads(path.read_text(encoding="utf-8"))
    assert ecg["units"] == "mV"
    leads = {name: numpy.array(values, dtype=float) for name, values in ecg["leads"].items()}
    return ecg["sampleRate"], leads


def read_dicom(path):
    set_ = pydicom.dcmread(path)
    for name in ["PatientName", "PatientID", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID"]:
        assert str(getattr(set_, name)) == "", name
    assert set_.PatientIdentityRemoved == "YES"
    group = set_.WaveformSequence[0]
    # pydicom checks the VR of every value as it is read.
    for element in set_.iterall():
        element.value
    samples = set_.waveform_array(0)
    raw = numpy.frombuffer(group.WaveformData, "<i2").reshape(samples.shape)
    samples = numpy.where(raw == -32768, numpy.nan, samples)
    names = []
    for channel in group.ChannelDefinitionSequence:
        assert channel.ChannelSensitivityUnitsSequence[0].CodeValue == "uV"
        names.append(channel.ChannelSourceSequence[0].CodeMeaning.removeprefix("Lead "))
    return float(group.SamplingFrequency), dict(zip(names, samples.T / 1000))


def read_aecg(path):
    record = FileParser().parse(str(path))
    unit = {"uV": 1000.0, "mV": 1.0}
    leads = {}
    for lead in record.leads:
        name = next(known for known in LEADS if known.lower() == lead.label.lower())
        leads[name] = numpy.array(lead.samples) / unit[lead.units or "uV"]
    return record.leads[0].sampling_rate, leads


def read_fhir(path):
    observation = Observation.model_validate_json(path.read_bytes())
    leads = {}
    for component in observation.component:
        data = component.valueSampledData
        assert data.origin.code == "uV" and data.origin.value == 0
        counts = [float("nan") if word == "E" else float(word) for word in data.data.split()]
        name = component.code.coding[0].display.removeprefix("MDC_ECG_ELEC_POTL_")
        name = next(known for known in LEADS if known.upper() == name)
        leads[name] = numpy.array(counts) * float(data.factor) / 1000
    return 1000 / float(data.period), leads


READERS = {
    "wfdb": (".hea", read_wfdb), "csv": (".csv", read_csv), "json": (".json", read_json),
    "dicom": (".dcm", read_dicom), "aecg": (".xml", read_aecg), "fhir": (".json", read_fhir),
}


def stated(options):
    arguments = []
    for key, flag in [("sampleRate", "--sample-rate"), ("units", "--units")]:
        if options.get(key):
            arguments += [flag, str(options[key])]
    if options.get("leadOrder"):
        arguments += ["--leads", ",".join(options["leadOrder"])]
    return arguments


def check(firstlead, case_path):
    case = json.loads(case_path.read_text())
    if len([name for name in case["files"] if not name.endswith((".dat", ".mat"))]) != 1:
        return True
    source = case_path.parent / case["files"][0]
    oracle = numpy.load(io.BytesIO(gzip.decompress((case_path.parent / case["oracle"]).read_bytes())))
    right = True
    with tempfile.TemporaryDirectory() as folder:
        for name, (suffix, read) in READERS.items():
            target = pathlib.Path(folder) / ("record" + suffix)
            command = [firstlead, "convert", str(source), "--to", name, str(target)]
            done = subprocess.run(command + stated(case.get("options") or {}), capture_output=True, text=True)
            if done.returncode == 65 and name == "aecg" and "missing" in done.stderr:
                continue
            if done.returncode != 0:
                print(f"{source.name} -> {name}: {done.stderr.strip()}")
                right = False
                continue
            rate, leads = read(target)
            worst = max(
                numpy.nanmax(numpy.abs(leads[lead] - row), initial=0) for lead, row in zip(case["leads"], oracle))
            gaps = all(
                (numpy.isnan(leads[lead]) == numpy.isnan(row)).all() for lead, row in zip(case["leads"], oracle))
            allowed = case["tolerance"] + (0 if name in ("csv", "json") else HALF_STEP) + 1e-6
            good = (
                sorted(leads) == sorted(LEADS) and worst <= allowed and gaps
                and abs(rate - case["sampleRate"]) < 1e-4 * rate)
            print(f"{source.name} -> {name}: {rate:g} Hz, {1000 * worst:.3f} uV {'' if good else 'WRONG'}")
            right &= good
    return right


if __name__ == "__main__":
    cases = sorted(pathlib.Path(__file__).parent.rglob("valid/*.case.json"))
    sys.exit(0 if all([check(sys.argv[1], case) for case in cases]) else 1)
