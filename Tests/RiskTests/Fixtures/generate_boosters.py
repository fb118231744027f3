"""Boosters written by several releases of XGBoost, with the margins that the same release computes from them.

    PYTHONPATH=<folder with one release> python3 generate_boosters.py FOLDER

writes FOLDER/booster-<release>.json, the same in UBJSON, and FOLDER/margins-<release>.json. The data are seeded noise with a
planted rule: no patient's.
"""
import json
import pathlib
import sys

import numpy
import xgboost

folder = pathlib.Path(sys.argv[1])
release = xgboost.__version__
generator = numpy.random.default_rng(20261122)
rows = generator.random((300, 12), dtype=numpy.float32)
rows[generator.random(rows.shape) < 0.05] = numpy.nan
labels = (numpy.nan_to_num(rows[:, 0]) + numpy.nan_to_num(rows[:, 1] * rows[:, 2]) > 0.9).astype(int)
booster = xgboost.train(
    {"objective": "binary:logistic", "max_depth": 4, "eta": 0.3, "subsample": 0.8, "colsample_bytree": 0.8,
     "tree_method": "hist", "seed": 7, "nthread": 1, "base_score": 0.2},
    xgboost.DMatrix(rows, labels), num_boost_round=12)
for extension in ["json", "ubj"]:
    booster.save_model(folder / f"booster-{release}.{extension}")
probes = generator.random((40, 12), dtype=numpy.float32) * numpy.float32(1.4) - numpy.float32(0.2)
probes[30:][generator.random((10, 12)) < 0.3] = numpy.nan
matrix = xgboost.DMatrix(probes)
number = lambda value: None if numpy.isnan(value) else float(value)
(folder / f"margins-{release}.json").write_text(json.dumps({
    "release": release,
    "rows": [[number(value) for value in row] for row in probes],
    "margins": [float(value) for value in booster.predict(matrix, output_margin=True)],
    "probabilities": [float(value) for value in booster.predict(matrix)],
}))
