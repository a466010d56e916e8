"""What makes a score of BERT's [CLS]: `BertForSequenceClassification` with one label."""

from dataclasses import dataclass

import numpy as np

from sidecar.model.bert import TYPES, Array, Bert, Weights
from sidecar.model.errors import ModelError

CLASSIFIER = "classifier.weight"


@dataclass(frozen=True)
class Head:
    """score = classifier · tanh(pooler · x + pooler_bias) + classifier_bias: [d, d], [d], [1, d], [1]."""

    pooler: Array
    pooler_bias: Array
    classifier: Array
    classifier_bias: Array


def head_of(bert: Bert, weights: Weights, source: str) -> Head:
    """The head among `weights`, which are from `source`. Raises ModelError for a missing or misshapen one."""
    labels = len(weights[CLASSIFIER]) if CLASSIFIER in weights else 1
    if labels != 1:
        raise ModelError(
            f"{source}: classifier.weight has {labels} labels; a re-ranker needs one. Train it with "
            "num_labels=1, or remove the classifier to build a bi-encoder."
        )
    shapes = {
        "pooler.dense.weight": (bert.dimensions, bert.dimensions),
        "pooler.dense.bias": (bert.dimensions,),
        CLASSIFIER: (1, bert.dimensions),
        "classifier.bias": (1,),
        TYPES: (2, bert.dimensions),
    }
    for name, shape in shapes.items():
        if name not in weights:
            raise ModelError(
                f"{source}: tensor {name} is missing; a cross-encoder (BertForSequenceClassification) has it."
            )
        if weights[name].shape != shape:
            raise ModelError(f"{source}: tensor {name} is {weights[name].shape}, expected {shape}.")
        if not np.isfinite(weights[name]).all():
            raise ModelError(f"{source}: tensor {name} holds NaN or infinity. The file is broken.")
    return Head(*(weights[name].astype(np.float32) for name in list(shapes)[:4]))
