"""How much work a request is: tokens and floating point operations."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from sidecar.benchmark.model.workload import Request
from sidecar.model.bert import Bert, read_bert


@dataclass(frozen=True, slots=True)
class Work:
    """Of the pairs of one request, in the order of arrival."""

    lengths: Sequence[int]
    characters: Sequence[int]
    flops: float


class WorkMeter:
    """Counts by a checkpoint's own tokenizer and shape."""

    def __init__(self, checkpoint: Path, max_length: int) -> None:
        self._bert = read_bert(checkpoint)
        self._tokenizer = Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length)

    def of(self, request: Request) -> Work:
        """Operations of real tokens in all layers: what padding adds, or a shortcut saves, is not counted."""
        pairs = [(request.query, text) for text in request.texts]
        lengths = [len(tokens) for tokens in self._tokenizer.encode_batch(pairs)]
        characters = [len(query) + len(text) for query, text in pairs]
        return Work(lengths, characters, sum(pair_flops(self._bert, length) for length in lengths))


def pair_flops(bert: Bert, length: int) -> float:
    """layers · (projections and feed-forward + attention): 24·L·d² + 4·L²·d for BERT's usual width of 4·d."""
    d, wide = bert.dimensions, bert.intermediate
    return float(bert.layers * (length * (8 * d * d + 4 * d * wide) + 4 * length * length * d))
