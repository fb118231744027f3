"""Makes Demonstration/ecg/*.zip and cohort.csv from PTB-XL 1.0.3 (CC BY 4.0), once; not needed to build.

    python3 prepare.py RECORDS INDEX.csv

RECORDS holds the 500 Hz WFDB records NNNNN_hr.hea/.dat; INDEX.csv has one row a record with the columns
record_id, patient_id, age, sex and group, where group is mi, injury, ischaemia_st_t, normal or other, a coarse
grouping of PTB-XL's SCP statements.

What changes on the way: the eight independent leads are kept (the other four follow from I and II), samples
are rounded from 1 uV to 5 uV (a common recorder's resolution), and each lead is stored by WFDB's format 8
(first differences in a byte), or format 16 where a step exceeds a byte. Dates are dropped.
"""
import csv, io, os, sys, zipfile

import numpy as np

LEADS = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"]
MICROVOLTS_PER_STEP = 5
POSITIVE = {"mi", "injury", "ischaemia_st_t"}


def read(stem):
    lines = open(stem + ".hea").read().split("\n")
    count = int(lines[0].split()[1])
    names = [line.split()[-1] for line in lines[1:1 + count]]
    gains = {line.split()[2] for line in lines[1:1 + count]}
    assert gains == {"1000.0(0)/mV"}, gains
    samples = np.fromfile(stem + ".dat", "<i2").reshape(-1, count).astype(int)
    return samples[:, [names.index(lead) for lead in LEADS]]


def signal_line(name, file, values):
    """One header line and the bytes of one lead."""
    differences = np.diff(values, prepend=values[:1])
    if np.abs(differences).max() <= 127:
        code, data = 8, differences.astype(np.int8).tobytes()
    else:
        code, data = 16, values.astype("<i2").tobytes()
    checksum = int(values.sum()) & 0xFFFF
    gain = 1000 // MICROVOLTS_PER_STEP
    return f"{file} {code} {gain}(0)/mV 16 0 {values[0]} {checksum} 0 {name}\n", data


def write(samples, record, path):
    header = f"{record} {len(LEADS)} 500 {len(samples)}\n"
    members = []
    for column, name in enumerate(LEADS):
        values = np.round(samples[:, column] / MICROVOLTS_PER_STEP).astype(int)
        line, data = signal_line(name, f"{record}_{name}.dat", values)
        header += line
        members.append((f"{record}_{name}.dat", data))
    members.insert(0, (f"{record}.hea", header.encode()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED, 9)


def main(records, index):
    here = os.path.dirname(os.path.abspath(__file__))
    os.makedirs(os.path.join(here, "ecg"), exist_ok=True)
    table = io.StringIO()
    out = csv.writer(table, lineterminator="\n")
    out.writerow(["path", "label", "patient", "age", "sex", "site"])
    for row in csv.DictReader(open(index)):
        record = "ptbxl%05d" % int(row["record_id"])
        write(read(os.path.join(records, "%05d_hr" % int(row["record_id"]))), record,
              os.path.join(here, "ecg", record + ".zip"))
        out.writerow([f"ecg/{record}.zip", int(row["group"] in POSITIVE), row["patient_id"],
                      row["age"].split(".")[0], row["sex"], "PTB-XL"])
    open(os.path.join(here, "cohort.csv"), "w").write(table.getvalue())


if __name__ == "__main__":
    main(*sys.argv[1:3])
