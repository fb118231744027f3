"""Writes wfdb/valid/00001_hr (PTB-XL 1.0.3, record 1, CC BY 4.0) in the structure that exports of GE CardioSoft 6.73 have: a
strip after a median beat, whole numbers between commas. The oracle is what was written.

    pip install numpy wfdb==4.3.1
    python generate_cardiosoft.py
"""

import gzip
import io
import json
import pathlib

import numpy
import wfdb

HERE = pathlib.Path(__file__).parent
OUT = HERE / "cardiosoft" / "valid"
OUT.mkdir(parents=True, exist_ok=True)
LEADS = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
signals = wfdb.rdrecord(str(HERE / "wfdb" / "valid" / "00001_hr")).p_signal[:1000]
counts = numpy.round(signals * 200).astype(int)


def waves(samples):
    return "".join(
        f'<WaveformData lead="{lead}">{",".join(map(str, samples[:, index]))}</WaveformData>\n'
        for index, lead in enumerate(LEADS))


text = f"""<?xml version="1.0" encoding="ISO-8859-1"?>
<CardiologyXML>
<ObservationType>RestECG</ObservationType>
<ObservationDateTime><Hour>9</Hour><Minute>8</Minute><Second>7</Second><Day>29</Day><Month>2</Month><Year>2024</Year></ObservationDateTime>
<FilterSetting><CubicSpline>no</CubicSpline><Filter50Hz>yes</Filter50Hz><Filter60Hz>no</Filter60Hz><LowPass units="Hz">150</LowPass><HighPass units="Hz">0.05</HighPass></FilterSetting>
<MedianSamples><NumberOfLeads>12</NumberOfLeads><SampleRate units="Hz">500</SampleRate><ChannelSampleCountTotal>300</ChannelSampleCountTotal><Resolution units="uVperLsb">5</Resolution>
{waves(counts[:300])}</MedianSamples>
<StripData><NumberOfLeads>12</NumberOfLeads><SampleRate units="Hz">500</SampleRate><ChannelSampleCountTotal>{len(counts)}</ChannelSampleCountTotal><Resolution units="uVperLsb">5</Resolution>
{waves(counts)}</StripData>
</CardiologyXML>
"""
(OUT / "ptbxl_strip.xml").write_text(text, encoding="iso-8859-1")
buffer, packed = io.BytesIO(), io.BytesIO()
numpy.save(buffer, (counts.T * 5 / 1000).astype(numpy.float32))
with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as file:
    file.write(buffer.getvalue())
(OUT / "ptbxl_strip.xml.npy.gz").write_bytes(packed.getvalue())
case = {
    "files": ["ptbxl_strip.xml"], "format": "cardiosoft", "oracle": "ptbxl_strip.xml.npy.gz", "leads": LEADS,
    "sampleRate": 500.0, "tolerance": 1e-6}
(OUT / "ptbxl_strip.xml.case.json").write_text(json.dumps(case, indent=1) + "\n")
