"""Writes WFDB records with segments, skew and several samples a frame from wfdb/valid/00001_hr (PTB-XL 1.0.3, record 1,
CC BY 4.0), and takes what wfdb-python reads of them for the oracle.

    pip install numpy wfdb==4.3.1
    python generate_wfdb.py
"""

import os
import pathlib

import numpy
import wfdb

from wfdb_case import write_case

HERE = pathlib.Path(__file__).parent
OUT = HERE / "wfdb" / "layouts" / "valid"
LEADS = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]


def case(name, files, oracle, rate, tolerance=0.0005, options=None, leads=LEADS):
    write_case(OUT, name, files, oracle, rate, tolerance, leads, options or {})


def write(name, signals, leads, fmt="16", gain=1000):
    wfdb.wrsamp(
        name, fs=500, units=["mV"] * len(leads), sig_name=leads, p_signal=signals, fmt=[fmt] * len(leads),
        adc_gain=[gain] * len(leads), baseline=[0] * len(leads), write_dir=str(OUT))


def edit(name, change):
    path = OUT / (name + ".hea")
    lines = path.read_text().splitlines()
    path.write_text("\n".join(change(lines)) + "\n")


def read(name, **options):
    os.chdir(OUT)
    return wfdb.rdrecord(name, **options).p_signal.T


signals = wfdb.rdrecord(str(HERE / "wfdb" / "valid" / "00001_hr")).p_signal[:1000]

# Fixed layout: three segments of different formats with the same signals.
bounds = [0, 300, 700, 1000]
for index, fmt in enumerate(["16", "212", "24"]):
    write(f"fixed_{index + 1}", signals[bounds[index]:bounds[index + 1]], LEADS, fmt, 1000 if fmt != "212" else 400)
(OUT / "fixed.hea").write_text(
    "fixed/3 12 500 1000 10:11:12 29/02/2024\nfixed_1 300\nfixed_2 400\nfixed_3 300\n")
case(
    "fixed", ["fixed.hea"] + [f"fixed_{i}.{end}" for i in (1, 2, 3) for end in ("hea", "dat")], read("fixed"), 500,
    tolerance=0.00125)

# Variable layout: a layout segment, a segment of all leads, a gap, and one in which V6 is absent and the order differs.
write("variable_1", signals[:600], LEADS)
order = LEADS[::-1][1:]
write("variable_2", signals[700:, [LEADS.index(lead) for lead in order]], order)
(OUT / "variable_0.hea").write_text(
    "variable_0 12 500 0\n" + "".join(f"~ 0 1000/mV 16 0 0 0 0 {lead}\n" for lead in LEADS))
(OUT / "variable.hea").write_text(
    "variable/4 12 500 1000\nvariable_0 0\nvariable_1 600\n~ 100\nvariable_2 300\n")
gaps = read("variable")
assert numpy.isnan(gaps[:, 600:700]).all() and numpy.isnan(gaps[11, 700:]).all() and not numpy.isnan(gaps[:11, 700:]).any()
case(
    "variable", ["variable.hea", "variable_0.hea"] + [f"variable_{i}.{end}" for i in (1, 2) for end in ("hea", "dat")],
    gaps, 500)

# Skew: limb leads are five samples late in the file (wfdb-python reads one skew only). What they lack at the end is left
# out of all leads.
late = [5] * 6 + [0] * 6
skewed = numpy.full((1000, 12), 0.25)
for lead, shift in enumerate(late):
    skewed[shift:, lead] = signals[:1000 - shift, lead]
write("skew", skewed, LEADS)
edit("skew", lambda lines: lines[:1] + [
    line.replace(" 16 ", f" 16:{shift} ", 1) if shift else line for line, shift in zip(lines[1:13], late)])
aligned = read("skew", sampto=995)
assert numpy.abs(aligned - signals[:995].T).max() < 0.001
case("skew", ["skew.hea", "skew.dat"], aligned, 500)

# Four samples of each lead a frame, one of a respiration in another unit; 125 frames a second.
frames = [signals[:, lead] for lead in range(12)] + [numpy.linspace(0, 1, 250)]
record = wfdb.Record(
    record_name="frames", n_sig=13, fs=125, sig_len=250, file_name=["frames.dat"] * 13, fmt=["16"] * 13,
    samps_per_frame=[4] * 12 + [1], adc_gain=[1000.0] * 13, baseline=[0] * 13, units=["mV"] * 12 + ["Ohm"],
    sig_name=LEADS + ["RESP"], e_p_signal=frames, adc_res=[16] * 13, adc_zero=[0] * 13, block_size=[0] * 13)
record.e_d_signal = record.adc(expanded=True)
record.init_value = [int(signal[0]) for signal in record.e_d_signal]
record.checksum = [int(signal.sum() % 65536) for signal in record.e_d_signal]
record.wrheader(write_dir=str(OUT))
record.wr_dats(expanded=True, write_dir=str(OUT))
os.chdir(OUT)
expanded = wfdb.rdrecord("frames", smooth_frames=False)
case("frames", ["frames.hea", "frames.dat"], numpy.array(expanded.e_p_signal[:12]), 500)

# Signals without descriptions, and a record line without rate.
write("bare", signals, LEADS)
edit("bare", lambda lines: ["bare 12"] + [line.rsplit(" ", 1)[0] for line in lines[1:13]])
case("bare", ["bare.hea", "bare.dat"], signals.T, 500, options={"sampleRate": 500, "leadOrder": LEADS})
