"""Writes ptbxl_muse.xml: PTB-XL record 1 (wfdb/valid/00001_hr) in the layout of a GE MUSE 9 export.

Python 3.11 or later, numpy 2.4.6. Run in this folder. The oracle is that of the record, rounded to the step of the file.
Layout by public exports: ISO-8859-1, an external DTD that nobody has, the median before the rhythm, eight leads, 4.88 uV
a count, LeadDataCRC32 (CRC-32 of IEEE 802.3).
"""

import base64
import gzip
import io
import json
import zlib

import numpy as np

LEADS = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"]
ROWS = [0, 1, 6, 7, 8, 9, 10, 11]
STEP = 4.88

samples = np.fromfile("../../wfdb/valid/00001_hr.dat", "<i2").reshape(-1, 12).T[ROWS] / 1000.0
counts = np.round(samples * 1000 / STEP).astype("<i2")


def lead(name, values):
    data = values.tobytes()
    text = base64.encodebytes(data).decode()
    return f"""      <LeadData>
         <LeadByteCountTotal>{len(data)}</LeadByteCountTotal>
         <LeadTimeOffset>0</LeadTimeOffset>
         <LeadSampleCountTotal>{len(values)}</LeadSampleCountTotal>
         <LeadAmplitudeUnitsPerBit>{STEP}</LeadAmplitudeUnitsPerBit>
         <LeadAmplitudeUnits>MICROVOLTS</LeadAmplitudeUnits>
         <LeadID>{name}</LeadID>
         <LeadOffsetFirstSample>0</LeadOffsetFirstSample>
         <FirstSampleBaseline>0</FirstSampleBaseline>
         <LeadSampleSize>2</LeadSampleSize>
         <LeadOff>FALSE</LeadOff>
         <LeadDataCRC32>{zlib.crc32(data)}</LeadDataCRC32>
         <WaveFormData>
{text}         </WaveFormData>
      </LeadData>
"""


def waveform(kind, values):
    leads = "".join(lead(name, row) for name, row in zip(LEADS, values))
    return f"""   <Waveform>
      <WaveformType>{kind}</WaveformType>
      <WaveformStartTime>0</WaveformStartTime>
      <NumberofLeads>{len(LEADS)}</NumberofLeads>
      <SampleType>CONTINUOUS_SAMPLES</SampleType>
      <SampleBase>500</SampleBase>
      <SampleExponent>0</SampleExponent>
      <HighPassFilter>5</HighPassFilter>
      <LowPassFilter>150</LowPassFilter>
      <ACFilter>50</ACFilter>
{leads}   </Waveform>
"""


text = f"""<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE RestingECG SYSTEM "restecg.dtd">
<RestingECG>
   <MuseInfo><MuseVersion>9.0.9.18167</MuseVersion></MuseInfo>
   <PatientDemographics>
      <PatientID>NOBODY-0001</PatientID>
      <PatientLastName>M\u00fcller &amp; Sohn</PatientLastName>
      <DateofBirth>01-01-1950</DateofBirth>
   </PatientDemographics>
   <TestDemographics>
      <AcquisitionDevice>MAC55</AcquisitionDevice>
      <AcquisitionTime>13:14:15</AcquisitionTime>
      <AcquisitionDate>02-29-2020</AcquisitionDate>
      <AcquisitionSoftwareVersion>010A.02</AcquisitionSoftwareVersion>
   </TestDemographics>
{waveform("Median", counts[:, 1000:1600])}{waveform("Rhythm", counts)}</RestingECG>
"""
with open("ptbxl_muse.xml", "wb") as file:
    file.write(text.encode("iso-8859-1"))

packed = io.BytesIO()
np.save(packed, (counts * STEP / 1000).astype("<f4"))
with open("ptbxl_muse.xml.npy.gz", "wb") as file:
    file.write(gzip.compress(packed.getvalue(), mtime=0))
with open("ptbxl_muse.xml.case.json", "w") as file:
    json.dump(
        {
            "files": ["ptbxl_muse.xml"], "format": "muse", "oracle": "ptbxl_muse.xml.npy.gz", "leads": LEADS,
            "sampleRate": 500.0, "tolerance": 1e-06,
        }, file, indent=1)
