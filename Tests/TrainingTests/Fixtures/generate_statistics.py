"""Expected values of the tests and calibration measures, from scikit-learn, statsmodels, scipy and numpy.

    pip install numpy==1.26.4 scipy==1.13.1 scikit-learn==1.5.2 statsmodels==0.14.4 pandas==2.2.3
    python3 generate_statistics.py > statistics.json

DeLong's covariance is computed from its definition (all pairs), not from ranks as in the program. The corrected
resampled t test is written as in Nadeau and Bengio (2003), with scipy's distribution.
"""
import json
import platform

import numpy
import scipy
import scipy.special
import scipy.stats
import sklearn
import statsmodels
import statsmodels.api
from sklearn.calibration import calibration_curve
from sklearn.metrics import roc_auc_score, roc_curve
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

generator = numpy.random.default_rng(20261125)


def labels(count, prevalence):
    positive = generator.random(count) < prevalence
    positive[:3], positive[3:6] = True, False
    return positive


def paired(name, count, decimals, shift):
    positive = labels(count, 0.25)
    shared = generator.normal(size=count)
    first = numpy.round(scipy.special.expit(positive * 1.3 + 0.8 * shared + 0.6 * generator.normal(size=count)), decimals)
    second = numpy.round(scipy.special.expit(positive * shift + 0.8 * shared + 0.6 * generator.normal(size=count)), decimals)

    def placements(scores):
        high, low = scores[positive], scores[~positive]
        wins = (high[:, None] > low[None, :]) + 0.5 * (high[:, None] == low[None, :])
        return wins.mean(1), wins.mean(0)

    above, below = numpy.array([placements(first)[0], placements(second)[0]]), numpy.array(
        [placements(first)[1], placements(second)[1]])
    covariance = numpy.cov(above) / above.shape[1] + numpy.cov(below) / below.shape[1]
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    difference = roc_auc_score(positive, first) - roc_auc_score(positive, second)
    z = difference / numpy.sqrt(variance)
    reach = scipy.stats.norm.ppf(0.975) * numpy.sqrt(variance)
    return {"name": name, "positive": positive.tolist(), "first": first.tolist(), "second": second.tolist(),
            "difference": difference, "variance": variance, "pValue": 2 * scipy.stats.norm.sf(abs(z)),
            "lower": difference - reach, "upper": difference + reach}


def resampled(differences, development, test):
    differences = numpy.asarray(differences, float)
    count = len(differences)
    error = numpy.sqrt((1 / count + test / development) * differences.var(ddof=1))
    t = differences.mean() / error
    reach = scipy.stats.t.ppf(0.975, count - 1) * error
    return {"differences": differences.tolist(), "development": development, "test": test, "t": t,
            "pValue": 2 * scipy.stats.t.sf(abs(t), count - 1), "lower": differences.mean() - reach,
            "upper": differences.mean() + reach}


def calibration(name, count, slope, intercept):
    margins = generator.normal(-0.8, 1.5, count)
    positive = generator.random(count) < scipy.special.expit(intercept + slope * margins)
    scores = scipy.special.expit(margins)
    both = statsmodels.api.GLM(positive, statsmodels.api.add_constant(margins),
                               family=statsmodels.api.families.Binomial()).fit(tol=1e-14, maxiter=200)
    large = statsmodels.api.GLM(positive, numpy.ones(count), offset=margins,
                                family=statsmodels.api.families.Binomial()).fit(tol=1e-14, maxiter=200)
    observed, expected = calibration_curve(positive, scores, n_bins=10)
    counts = numpy.histogram(scores, numpy.linspace(0, 1, 11))[0]
    counts = counts[counts > 0]
    return {"name": name, "margins": margins.tolist(), "positive": positive.tolist(), "scores": scores.tolist(),
            "intercept": both.params[0], "slope": both.params[1], "inTheLarge": large.params[0],
            "observed": observed.tolist(), "expected": expected.tolist(), "counts": counts.tolist(),
            "calibrationError": float((counts * abs(observed - expected)).sum() / count)}


def thresholds(name, count, decimals):
    positive = labels(count, 0.3)
    scores = numpy.round(scipy.special.expit(positive * 1.4 + generator.normal(size=count)), decimals)
    false_rate, true_rate, cut = roc_curve(positive, scores, drop_intermediate=False)
    at_specificity = [[level, float(true_rate[1 - false_rate >= level - 1e-12].max())] for level in (0.9, 0.95)]
    at_sensitivity = [[level, float((1 - false_rate)[true_rate >= level - 1e-12].max())] for level in (0.9, 0.95)]
    benefit = []
    for threshold in (0.1, 0.25, 0.5):
        called = scores >= threshold
        benefit.append([threshold, float((called & positive).mean() - (called & ~positive).mean()
                                         * threshold / (1 - threshold))])
    return {"name": name, "scores": scores.tolist(), "positive": positive.tolist(), "atSpecificity": at_specificity,
            "atSensitivity": at_sensitivity, "youden": float((true_rate - false_rate).max()),
            "curve": [[float(a), float(b)] for a, b in zip(false_rate, true_rate)], "netBenefit": benefit}


def predictive(sensitivity, specificity, prevalence):
    # Counts in a population of ten million instead of Bayes' rule.
    sick, well = 1e7 * prevalence, 1e7 * (1 - prevalence)
    found, alarms = sick * sensitivity, well * (1 - specificity)
    return {"sensitivity": sensitivity, "specificity": specificity, "prevalence": prevalence,
            "ppv": found / (found + alarms), "npv": (well - alarms) / (well - alarms + sick - found)}


def predictive_interval(found, alarms, positives, negatives, prevalence):
    # Mercaldo, Lau and Zhou (2007), adjusted logit: the logit of a predictive value is the prior one plus the logarithm
    # of a likelihood ratio, whose variance is that of two independent shares (delta method).
    z = scipy.stats.norm.ppf(0.975)
    prior = scipy.special.logit(prevalence)

    def interval(right, of_right, wrong, of_wrong, prior):
        hits, alarms = (right + z ** 2 / 2) / (of_right + z ** 2), (wrong + z ** 2 / 2) / (of_wrong + z ** 2)
        variances = [share * (1 - share) / (total + z ** 2) / share ** 2
                     for share, total in ((hits, of_right), (alarms, of_wrong))]
        centre = prior + numpy.log(hits) - numpy.log(alarms)
        bounds = scipy.special.expit(centre + numpy.array([-z, z]) * numpy.sqrt(sum(variances)))
        plain = scipy.special.expit(prior) * right / of_right
        value = plain / (plain + (1 - scipy.special.expit(prior)) * wrong / of_wrong)
        return [float(value), float(min(value, bounds[0])), float(max(value, bounds[1]))]

    return {"counts": [found, alarms, positives, negatives], "prevalence": prevalence,
            "ppv": interval(found, positives, alarms, negatives, prior),
            "npv": interval(negatives - alarms, negatives, positives - found, positives, -prior)}


pvalues = [[0.01, 0.04, 0.03, 0.005], [0.5, 0.9], [0.02], [0.04, 0.04, 0.04], [1e-9, 1.0, 0.2, 0.2, 0.0]]
print(json.dumps({
    "versions": {"python": platform.python_version(), "numpy": numpy.__version__, "scipy": scipy.__version__,
                 "scikit-learn": sklearn.__version__, "statsmodels": statsmodels.__version__},
    "paired": [paired("no ties", 300, 15, 0.9), paired("many ties", 250, 1, 0.9), paired("few", 24, 2, 0.2),
               paired("alike", 400, 3, 1.3)],
    "resampled": [resampled(generator.normal(0.01, 0.02, 10), 4650, 1163),
                  resampled(generator.normal(-0.05, 0.01, 10), 284, 72), resampled([0.1, 0.3], 8, 2),
                  resampled([0.0, 0.1, -0.1, 0.02], 80, 20)],
    "holm": [{"pValues": values, "adjusted": multipletests(values, method="holm")[1].tolist()} for values in pvalues],
    "student": [[t, degrees, float(2 * scipy.stats.t.sf(t, degrees)), float(scipy.stats.t.ppf(0.975, degrees))]
                for t in (0.0, 0.1, 1.0, 2.26, 8.0, 60.0) for degrees in (1.0, 2.0, 9.0, 99.0, 1e4)],
    "wilson": [[k, n, level, *map(float, proportion_confint(k, n, alpha=1 - level, method="wilson"))]
               for k, n in ((0, 10), (10, 10), (1, 241), (229, 241), (500, 1000)) for level in (0.9, 0.95)],
    "calibration": [calibration("calibrated", 2000, 1.0, 0.0), calibration("too extreme", 1500, 0.5, 0.3),
                    calibration("too timid", 400, 2.0, -0.5)],
    "thresholds": [thresholds("no ties", 300, 15), thresholds("many ties", 300, 1), thresholds("few", 20, 2)],
    "predictive": [predictive(0.95, 0.41, 0.2076), predictive(0.41, 0.95, 0.05), predictive(0.9, 0.9, 0.35)],
    "predictiveIntervals": [predictive_interval(84, 14, 240, 923, 0.05), predictive_interval(40, 0, 40, 60, 0.2),
                            predictive_interval(0, 3, 12, 30, 0.35), predictive_interval(229, 540, 241, 922, 0.01)],
}))
