"""Query and product as one row of tokens, tokenised once each: [CLS] query [SEP] product [SEP]."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor

from sidecar.training.errors import TrainingError

SPECIALS = ("[CLS]", "[SEP]", "[PAD]")
LONGEST_QUERY = 0.5  # of a pair; what is longer is no query but a text


class Pairs:
    """Makes padded batches of pairs of at most `max_length` tokens: a query is cut at half, then the text."""

    def __init__(self, tokenizer: Path, max_length: int) -> None:
        """tokenizer: a tokenizer.json. Raises TrainingError if BERT's special tokens are not in it."""
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        found = {token: self._tokenizer.token_to_id(token) for token in SPECIALS}
        known = [number for number in found.values() if number is not None]
        if len(known) < len(SPECIALS):
            raise TrainingError(f"{tokenizer}: no {', '.join(SPECIALS)} in it; this is no BERT tokenizer.")
        self._cls, self._sep, self._pad = known
        self._max_length = max_length
        self._known: dict[str, list[int]] = {}

    def rows(self, query: str, texts: Sequence[str]) -> list[tuple[list[int], int]]:
        """(token ids, where the product begins), one a text."""
        asked = self._tokens(query)[: int(self._max_length * LONGEST_QUERY)]
        head = [self._cls, *asked, self._sep]
        room = self._max_length - len(head) - 1
        return [([*head, *self._tokens(text)[:room], self._sep], len(head)) for text in texts]

    def single(self, text: str) -> tuple[list[int], int]:
        """A text alone, as a bi-encoder reads it; all tokens are of the first type."""
        ids = [self._cls, *self._tokens(text)[: self._max_length - 2], self._sep]
        return ids, len(ids)

    def batch(self, rows: Sequence[tuple[list[int], int]]) -> dict[str, Tensor]:
        """Padded int64 tensors [rows, longest] as BERT takes them."""
        longest = max(len(ids) for ids, _ in rows)
        ids = torch.full((len(rows), longest), self._pad)
        mask = torch.zeros((len(rows), longest), dtype=torch.long)
        types = torch.zeros((len(rows), longest), dtype=torch.long)
        for number, (row, begin) in enumerate(rows):
            ids[number, : len(row)] = torch.tensor(row)
            mask[number, : len(row)] = 1
            types[number, begin : len(row)] = 1
        return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}

    def _tokens(self, text: str) -> list[int]:
        if (known := self._known.get(text)) is None:
            known = self._tokenizer.encode(text, add_special_tokens=False).ids
            self._known[text] = known
        return known


def by_length(rows: Sequence[tuple[Any, int]], tokens: int) -> Iterable[list[int]]:
    """The rows' numbers in groups of like length, each at most `tokens` with its padding."""
    order = sorted(range(len(rows)), key=lambda number: len(rows[number][0]))
    group: list[int] = []
    for number in order:
        if group and (len(group) + 1) * len(rows[number][0]) > tokens:
            yield group
            group = []
        group.append(number)
    if group:
        yield group
