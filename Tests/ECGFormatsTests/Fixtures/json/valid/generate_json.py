"""Writes 00001_hr.json from the WFDB record beside it, by this project's JSON form.

    python3 generate_json.py
"""
import json
import pathlib

import numpy as np

here = pathlib.Path(__file__).parent
record = here.parent.parent / "wfdb" / "valid" / "00001_hr.dat"
names = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
samples = np.fromfile(record, "<i2").reshape(-1, len(names))
leads = {name: [float(f"{value / 1000:.3f}") for value in samples[:, i]] for i, name in enumerate(names)}
document = {"sampleRate": 500, "units": "mV", "leads": leads}
(here / "00001_hr.json").write_text(json.dumps(document, separators=(",", ":")) + "\n")
