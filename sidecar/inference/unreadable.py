"""What a model has no words for: most of it became the tokenizer's unknown token, and says nothing.

A BERT for English knows few Chinese signs: 跑步鞋 is three unknown tokens, equal to any other three. An
order made of such scores is worse than the first stage's, so the model has no opinion instead: the score 0
for every text of such a query, and the vector of zeros for such a text.
"""

from tokenizers import Encoding, Tokenizer

MOST = 0.5
"""The share of unknown tokens from which a text is unreadable."""


def unknown_token(tokenizer: Tokenizer) -> int | None:
    """The id of the token for what is not in the vocabulary; None where everything is (bytes)."""
    name = getattr(tokenizer.model, "unk_token", None)
    return None if name is None else tokenizer.token_to_id(name)


def is_unreadable(encoding: Encoding, unknown: int | None) -> bool:
    """Whether most of a text, or of a pair's query, is unknown. Without any token it is not."""
    if unknown is None or unknown not in encoding.ids:
        return False
    query = [token for token, side in zip(encoding.ids, encoding.sequence_ids, strict=True) if side == 0]
    return bool(query) and query.count(unknown) >= MOST * len(query)
