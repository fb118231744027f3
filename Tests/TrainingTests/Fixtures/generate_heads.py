"""Expected values of linear heads, ensemble spread and risk-coverage curves.

    pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1
    python3 generate_heads.py > heads.json

Linear heads are scikit-learn's; the curve is counted from its definition, record by record.
"""
import json
import platform

import numpy
import scipy.special
import sklearn
from sklearn.linear_model import LogisticRegression, Ridge

generator = numpy.random.default_rng(20261126)


def linear(name, rows, features, penalty):
    matrix = generator.random((rows, features)).astype(numpy.float32)
    matrix[:, 0] *= 3
    positive = generator.random(rows) < scipy.special.expit(2.5 * (matrix[:, 0] - 1.5) - matrix[:, 1])
    positive[:2] = [True, False]
    wide = matrix.astype(float)
    logistic = LogisticRegression(C=1 / penalty, tol=1e-12, max_iter=100000, solver="newton-cholesky").fit(wide, positive)
    ridge = Ridge(alpha=penalty, solver="cholesky").fit(wide, positive.astype(float))
    return {"name": name, "rows": matrix.tolist(), "positive": positive.tolist(), "penalty": penalty,
            "logistic": {"weights": logistic.coef_[0].tolist(), "intercept": float(logistic.intercept_[0]),
                         "values": logistic.decision_function(wide).tolist()},
            "squared": {"weights": ridge.coef_.tolist(), "intercept": float(ridge.intercept_),
                        "values": ridge.predict(wide).tolist()}}


def ensemble(records, members):
    scores = generator.random((members, records))
    return {"scores": scores.T.tolist(), "spreads": scores.std(axis=0, ddof=1).tolist()}


def coverage(name, count, decimals):
    positive = generator.random(count) < 0.3
    positive[:2] = [True, False]
    scores = scipy.special.expit(positive * 1.5 - 0.7 + generator.normal(size=count))
    spreads = numpy.round(generator.random(count) * (1 - abs(2 * scores - 1)), decimals)
    threshold = 0.4
    wrong = (scores >= threshold) != positive
    points = []
    for spread in sorted(set(spreads)):
        kept = [record for record in range(count) if spreads[record] <= spread]
        points.append([float(spread), len(kept) / count, sum(bool(wrong[record]) for record in kept) / len(kept)])
    area = sum((point[1] - before) * point[2] for point, before in zip(points, [0.0] + [p[1] for p in points]))
    nine = next(point for point in points if point[1] >= 0.9)
    return {"name": name, "scores": scores.tolist(), "positive": positive.tolist(), "spreads": spreads.tolist(),
            "threshold": threshold, "points": points, "area": area, "nineTenths": nine}


print(json.dumps({
    "versions": {"python": platform.python_version(), "numpy": numpy.__version__, "scikit-learn": sklearn.__version__},
    "linear": [linear("few features", 200, 5, 1.0), linear("more features than records", 30, 41, 1.0),
               linear("hardly penalised", 400, 2, 0.01)],
    "ensemble": ensemble(20, 10),
    "coverage": [coverage("no ties", 200, 15), coverage("many ties", 200, 1), coverage("few", 12, 2)],
}))
