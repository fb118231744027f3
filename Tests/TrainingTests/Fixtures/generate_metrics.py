"""Expected values of the measures, from scikit-learn, scipy and numpy.

    python3 generate_metrics.py > metrics.json

Average precision, AUROC and Brier score are scikit-learn's. DeLong's variance is computed from its definition
(all pairs, no ranks), which shares no step with the program's. Cases have ties, few records and few positives.
"""
import json
import platform

import numpy
import scipy
import scipy.stats
import sklearn
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score


def delong(scores, positive):
    high, low = scores[positive], scores[~positive]
    wins = (high[:, None] > low[None, :]) + 0.5 * (high[:, None] == low[None, :])
    variance = wins.mean(1).var(ddof=1) / len(high) + wins.mean(0).var(ddof=1) / len(low)
    reach = scipy.stats.norm.ppf(0.975) * numpy.sqrt(variance)
    return variance, max(0.0, wins.mean() - reach), min(1.0, wins.mean() + reach)


def case(name, scores, positive):
    scores, positive = numpy.asarray(scores, float), numpy.asarray(positive, bool)
    variance, lower, upper = delong(scores, positive)
    return {
        "name": name, "scores": scores.tolist(), "positive": positive.tolist(),
        "auroc": roc_auc_score(positive, scores), "averagePrecision": average_precision_score(positive, scores),
        "brier": brier_score_loss(positive, scores), "delongVariance": variance,
        "delongLower": lower, "delongUpper": upper,
    }


generator = numpy.random.default_rng(20261122)


def random_case(name, count, prevalence, decimals):
    positive = generator.random(count) < prevalence
    positive[:2], positive[2:4] = True, False
    scores = 1 / (1 + numpy.exp(-generator.normal(positive * 1.2 - 1, 1)))
    return case(name, numpy.round(scores, decimals), positive)


cases = [
    case("perfect", [0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0]),
    case("reversed", [0.1, 0.2, 0.8, 0.9], [1, 1, 0, 0]),
    case("all tied", [0.5] * 6, [1, 0, 1, 0, 0, 0]),
    case("tie across classes", [0.9, 0.7, 0.7, 0.7, 0.3, 0.1], [1, 1, 0, 1, 0, 0]),
    random_case("no ties", 250, 0.2, 15),
    random_case("many ties", 300, 0.2, 1),
    random_case("rare", 400, 0.01, 3),
    random_case("common", 120, 0.9, 2),
]
print(json.dumps({
    "versions": {"python": platform.python_version(), "numpy": numpy.__version__, "scipy": scipy.__version__,
                 "scikit-learn": sklearn.__version__},
    "cases": cases,
    "normalQuantiles": [[share, scipy.stats.norm.ppf(share)] for share in (0.5, 0.9, 0.95, 0.975, 0.995, 1e-9)],
}))
