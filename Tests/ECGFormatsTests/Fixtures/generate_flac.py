"""Writes WFDB records in the FLAC formats 508, 516 and 524 from wfdb/valid/00001_hr (PTB-XL 1.0.3, record 1, CC BY 4.0), with
what wfdb-python reads of them for the oracle, and streams of the kinds that FLAC allows, with what `flac -d` makes of them.

    pip install numpy wfdb==4.3.1 soundfile==0.14.0
    apt-get install flac    # 1.4.2
    python generate_flac.py
"""

import os
import pathlib
import struct
import subprocess

import numpy
import soundfile
import wfdb

from wfdb_case import write_case

HERE = pathlib.Path(__file__).parent
OUT = HERE / "wfdb" / "flac" / "valid"
STREAMS = HERE / "wfdb" / "flac" / "streams"
LEADS = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
EIGHT = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"]


def case(name, files, oracle, rate, tolerance, leads):
    write_case(OUT, name, files, oracle, rate, tolerance, leads)


def write(name, signals, leads, fmt, gain, files, missing=None):
    digital = numpy.round(signals * gain).astype(int)
    if missing:
        digital[missing] = -2 ** (int(fmt) - 501)
    record = wfdb.Record(
        record_name=name, n_sig=len(leads), fs=500, sig_len=len(signals), file_name=files, fmt=[fmt] * len(leads),
        adc_gain=[float(gain)] * len(leads), baseline=[0] * len(leads), units=["mV"] * len(leads), sig_name=leads,
        d_signal=digital, adc_res=[int(fmt) - 500] * len(leads), adc_zero=[0] * len(leads), block_size=[0] * len(leads),
        samps_per_frame=[1] * len(leads), init_value=[int(v) for v in digital[0]],
        checksum=[int(v) for v in digital.sum(axis=0) % 65536])
    record.wrheader(write_dir=str(OUT))
    record.wr_dats(expanded=False, write_dir=str(OUT))


def edit(name, change):
    path = OUT / (name + ".hea")
    path.write_text("\n".join(change(path.read_text().splitlines())) + "\n")


def read(name, **options):
    os.chdir(OUT)
    return wfdb.rdrecord(name, **options).p_signal.T


signals = wfdb.rdrecord(str(HERE / "wfdb" / "valid" / "00001_hr")).p_signal[:1000]
eight = signals[:, [LEADS.index(lead) for lead in EIGHT]]

# A FLAC stream has at most eight channels: twelve leads are two files.
two = lambda name: [f"{name}_1.dat"] * 8 + [f"{name}_2.dat"] * 4
write("flac516", signals, LEADS, "516", 1000, two("flac516"))
case("flac516", ["flac516.hea", "flac516_1.dat", "flac516_2.dat"], read("flac516"), 500, 1e-6, LEADS)
write("flac524", signals, LEADS, "524", 200000, two("flac524"))
case("flac524", ["flac524.hea", "flac524_1.dat", "flac524_2.dat"], read("flac524"), 500, 1e-6, LEADS)
write("flac508", signals, LEADS, "508", 50, two("flac508"), missing=(700, 9))
case("flac508", ["flac508.hea", "flac508_1.dat", "flac508_2.dat"], read("flac508"), 500, 1e-6, LEADS)

# Four samples of a lead a frame, the first hundred of each left out by the offset; 16 bits in format 524, which says how
# many there are at most; the record line without number of samples.
digital = numpy.round(eight * 1000).astype("int16")
with open(OUT / "flac_frames.dat", "wb") as file:
    soundfile.write(file, digital, 96000, format="FLAC", subtype="PCM_16")
(OUT / "flac_frames.hea").write_text(
    "flac_frames 8 125 225\n" + "".join(
        f"flac_frames.dat 524x4+100 1000(0)/mV 16 0 {digital[100, i]} {int(digital[100:, i].sum()) % 65536} 0 {lead}\n"
        for i, lead in enumerate(EIGHT)))
os.chdir(OUT)
expanded = numpy.array(wfdb.rdrecord("flac_frames", smooth_frames=False).e_p_signal)
assert expanded.shape == (8, 900) and numpy.abs(expanded - eight[100:].T).max() < 1e-6
edit("flac_frames", lambda lines: ["flac_frames 8 125"] + lines[1:])
case("flac_frames", ["flac_frames.hea", "flac_frames.dat"], expanded, 500, 1e-6, EIGHT)


# Streams by libFLAC, with what makes it choose each kind of subframe, and of depths between bytes, which it takes from
# and gives as WAVE files, whose samples fill their bytes from above.
def wave_file(samples, bits):
    width, channels = (bits + 7) // 8, samples.shape[1]
    spare = 8 * width - bits
    if width == 1:
        data = bytes((int(v) << spare) + 128 for v in samples.reshape(-1))
    else:
        data = b"".join((int(v) << spare).to_bytes(width, "little", signed=True) for v in samples.reshape(-1))
    guid = bytes.fromhex("0100000000001000800000aa00389b71")
    head = struct.pack(
        "<HHIIHHHHI", 0xFFFE, channels, 500, 500 * width * channels, width * channels, 8 * width, 22, bits, 0) + guid
    body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def stream(name, samples, bits, *options):
    samples = numpy.asarray(samples, dtype=numpy.int64).reshape(len(samples), -1)
    path = STREAMS / (name + ".flac")
    subprocess.run(
        ["flac", "--totally-silent", "-f", "--no-padding", "--channel-map=none", *options, "-o", str(path), "-"],
        input=wave_file(samples, bits), check=True)
    back = subprocess.run(["flac", "--totally-silent", "-d", "-c", str(path)], capture_output=True, check=True).stdout
    assert back.endswith(wave_file(samples, bits)[68:]) and len(back) <= len(wave_file(samples, bits))
    numpy.save(STREAMS / (name + ".npy"), samples)


rng = numpy.random.default_rng(7)
wave = digital[:600, 1].astype(int)
stream("constant", numpy.full(400, -77), 16, "-5")
stream("verbatim", rng.integers(-128, 128, 300), 8, "-5")
stream("fixed", wave, 16, "-0", "-b", "192")
stream("linear", wave, 16, "-8", "-e", "-p", "-b", "600")
tones = sum(900 * numpy.sin(numpy.arange(2000) * step) for step in numpy.linspace(0.1, 3.0, 16))
stream("linear_32", numpy.round(tones).astype(int), 16, "--lax", "-e", "-l", "32", "-b", "2000")
stream("wasted", wave * 16, 16, "-5")
stream("wasted_some", numpy.stack([wave * 8, wave, wave * 0 + 4], axis=1), 24, "-5", "-b", "256")
noise = rng.integers(-40, 41, 600)
stream("left_side", numpy.stack([wave, wave + noise], axis=1), 16, "-8", "-m")
stream("side_right", numpy.stack([wave + noise, wave], axis=1), 16, "-8", "-m", "-b", "200")
stream("mid_side", numpy.stack([wave + noise, wave - noise], axis=1), 16, "-5", "-m", "-b", "192")
stream("rice_5_bits", rng.integers(-2 ** 22, 2 ** 22, 400) + numpy.arange(400) * 9, 24, "-5")
stream("bits_12", wave // 2, 12, "-5")
stream("bits_20", wave * 100, 20, "-5")
stream("bits_32", numpy.stack([wave * 70001, -wave * 70000], axis=1), 32, "-5", "-m")
stream("bits_32_full", rng.integers(-2 ** 31, 2 ** 31, (300, 2)), 32, "-5", "-m")
stream("seek_table", numpy.concatenate([wave] * 3), 16, "-5", "-b", "192", "-S", "10x", "-T", "TITLE=metadata",
    "-P", "200")
