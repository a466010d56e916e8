"""The scores that `distill` imitates: of the base as a bi-encoder, of a whole list, or of a cross-encoder."""

import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from sidecar.model.weights import find_weights
from sidecar.training.catalogue import Catalogue
from sidecar.training.embedding import Vectors, embed
from sidecar.training.errors import TrainingError
from sidecar.training.list_context import Feedback
from sidecar.training.lists import TrainingList
from sidecar.training.pairs import Pairs
from sidecar.training.settings import BI_ENCODER, LIST_CONTEXT, Teacher

Scores = NDArray[np.float32]
Tell = Callable[[float], None]


def teach(
    teacher: Teacher, base: Path, cache: Path, catalogue: Catalogue, lists: Sequence[TrainingList],
    max_length: int, tell: Tell = lambda _: None,
) -> dict[int, Scores]:  # fmt: skip
    """The teacher's score of every product, by the list's number. Raises TrainingError, ModelError."""
    if teacher.model not in (BI_ENCODER, LIST_CONTEXT):
        folder = find_weights(teacher.model, cache).folder
        return _logits(folder, catalogue, lists, max_length, tell)
    documents, queries = _vectors(base, catalogue, lists, max_length, tell)
    if teacher.model == LIST_CONTEXT:
        feedback = Feedback(catalogue, documents)
        return {number: feedback.scores(found, queries[found.query]) for number, found in enumerate(lists)}
    return {
        number: documents[[catalogue.place[product] for product in found.products]] @ queries[found.query]
        for number, found in enumerate(lists)
    }


def write_scores(path: Path, scores: Mapping[int, Scores]) -> None:
    """Keeps a teacher's scores beside the checkpoints: a resumed run learns from the very same."""
    np.savez(path, **{str(number): found for number, found in scores.items()})  # type: ignore[arg-type]


def read_scores(path: Path) -> dict[int, Scores]:
    """What write_scores wrote; nothing where there is none or it is damaged: the teacher is asked again."""
    try:
        with np.load(path) as found:
            return {int(name): found[name] for name in found.files}
    except (OSError, ValueError, zipfile.BadZipFile):
        return {}


def _vectors(
    base: Path, catalogue: Catalogue, lists: Sequence[TrainingList], max_length: int, tell: Tell
) -> tuple[Vectors, dict[str, NDArray[np.float32]]]:
    from transformers import AutoModel

    queries = list(dict.fromkeys(found.query for found in lists))
    model, pairs = AutoModel.from_pretrained(base).eval(), Pairs(base / "tokenizer.json", max_length)
    vectors = embed(model, pairs, [*catalogue.texts, *queries], tell)
    documents = vectors[: len(catalogue)]
    return documents, dict(zip(queries, vectors[len(catalogue) :], strict=True))


def _logits(
    folder: Path, catalogue: Catalogue, lists: Sequence[TrainingList], max_length: int, tell: Tell
) -> dict[int, Scores]:
    from transformers import AutoModelForSequenceClassification

    try:
        model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    except (OSError, ValueError, RuntimeError) as error:
        raise TrainingError(f"{folder}: no cross-encoder to learn from: {error}") from error
    if model.config.num_labels != 1:
        raise TrainingError(f"{folder}: a teacher has one label, this has {model.config.num_labels}.")
    pairs = Pairs(folder / "tokenizer.json", max_length)
    scores: dict[int, Scores] = {}
    with torch.no_grad():
        for number, found in enumerate(lists):
            rows = pairs.rows(found.query, [catalogue.text_of(product) for product in found.products])
            scores[number] = model(**pairs.batch(rows)).logits[:, 0].float().numpy()
            tell((number + 1) / len(lists))
    return scores
