"""A head trained outside FirstLead on the files of `embed-cohort`, and the margins that XGBoost itself predicts.

    firstlead simulate --output big --records 120 --positives 40 --seed 5
    firstlead simulate --output held --records 60 --positives 20 --seed 6
    for cohort in big held; do
        firstlead embed-cohort --cohort $cohort/cohort.csv --bundle Bundles/demonstration --shard 0/2 --output $cohort-shards
        firstlead embed-cohort --cohort $cohort/cohort.csv --bundle Bundles/demonstration --shard 1/2 --output $cohort-shards
    done
    python3 generate_foreign_booster.py big-shards held-shards FOLDER

writes FOLDER/foreign-booster.ubj, fitted to the first cohort, and FOLDER/foreign-margins.json with the margin of every ECG of
the second, in the order of its table. Made with xgboost 3.2.0 from PyPI; the cohorts are simulated.
"""
import glob
import json
import pathlib
import sys

import numpy
import xgboost


def load(folder, kind):
    return numpy.concatenate([numpy.load(name) for name in sorted(glob.glob(f"{folder}/*.{kind}.npy"))])


learnt, probed, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
matrix = xgboost.QuantileDMatrix(load(learnt, "features"), load(learnt, "labels"))
parameters = {
    "objective": "binary:logistic", "max_depth": 3, "eta": 0.3, "subsample": 0.8, "colsample_bytree": 0.8,
    "tree_method": "hist", "seed": 1, "nthread": 1,
}
booster = xgboost.train(parameters, matrix, 15)
booster.save_model(folder / "foreign-booster.ubj")
margins = booster.predict(xgboost.DMatrix(load(probed, "features")), output_margin=True)
(folder / "foreign-margins.json").write_text(
    json.dumps({"release": xgboost.__version__, "margins": [float(margin) for margin in margins]}) + "\n")
