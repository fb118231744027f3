"""Affinities, a map and its trustworthiness from scikit-learn, for points of our own.

    pip install numpy==1.26.4 scipy==1.13.1 scikit-learn==1.5.2
    python3 generate_map.py > map.json
"""
import json

import numpy
import sklearn
from scipy.spatial.distance import squareform
from sklearn.manifold import TSNE, trustworthiness
from sklearn.manifold._t_sne import _joint_probabilities
from sklearn.metrics import pairwise_distances

generator = numpy.random.default_rng(5)
centres = generator.normal(scale=3, size=(4, 16))
points = numpy.concatenate([generator.normal(centre, 1 + 0.4 * place, size=(30, 16)) for place, centre in enumerate(centres)])
points = points.astype(numpy.float32)
affinities = squareform(_joint_probabilities(
    pairwise_distances(points, metric="euclidean", squared=True).astype(numpy.float32), 15, 0))
model = TSNE(perplexity=15, method="exact", init="pca", learning_rate="auto", random_state=0)
mapped = model.fit_transform(points.astype(numpy.float64))
print(json.dumps({
    "versions": {"numpy": numpy.__version__, "scikit-learn": sklearn.__version__},
    "points": points.tolist(), "perplexity": 15,
    "affinities": [[int(i), int(j), float(affinities[i, j])] for i, j in generator.integers(0, 120, (400, 2))],
    "x": mapped[:, 0].tolist(), "y": mapped[:, 1].tolist(), "divergence": float(model.kl_divergence_),
    "trustworthiness": float(trustworthiness(points, mapped, n_neighbors=5)),
}))
