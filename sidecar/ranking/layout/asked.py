"""What a search says, as the conditions of rules compare it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sidecar.domain.candidate import Candidate
from sidecar.domain.search import FieldFilter, Search
from sidecar.domain.understanding import EntityKind
from sidecar.ranking.layout import folding
from sidecar.ranking.layout.folding import Tokens
from sidecar.text.folding import name as name_of
from sidecar.text.folding import value as value_of
from sidecar.text.folding import words
from sidecar.text.tokens import normalised

NOTHING: frozenset[str] = frozenset()


@dataclass(slots=True)
class Asked:
    """One search. Words are folded; `queries` are the tokens as typed, and as corrected where these differ;
    none where no words are searched (`browse`). `readings` are the same, each with itself as a text with a
    space around every token.

    `names` are what the query names and wants, by kind. `hits` are in the order by relevance.
    """

    queries: Sequence[Tokens]
    text: str
    names: Mapping[EntityKind, frozenset[str]]
    intent: str
    index: str
    profile: str
    segments: frozenset[str]
    locale: str
    device: str
    channel: str
    application: str
    crawler: bool
    anonymous: bool
    arms: Mapping[str, str]
    browse: bool = False
    filters: Sequence[FieldFilter] = ()
    hits: Sequence[Candidate] = ()
    readings: Sequence[tuple[Tokens, str]] = field(init=False)
    _restricted: Mapping[str, Sequence[frozenset[str]]] | None = None
    _counted: dict[tuple[str, int], Mapping[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.readings = [(tokens, f" {' '.join(tokens)} ") for tokens in self.queries]

    @property
    def restricted(self) -> Mapping[str, Sequence[frozenset[str]]]:
        """What the search is restricted to, folded, by field: of each of the sets every hit has one value."""
        if self._restricted is None:
            found: dict[str, list[frozenset[str]]] = {}
            for one in self.filters:
                found.setdefault(one.field, []).append(frozenset(map(value_of, one.values)))
            self._restricted = found
        return self._restricted

    def values(self, name: str, first: int) -> Mapping[str, int]:
        """How many of the first hits have each value of a field, folded."""
        counted = self._counted.get((name, first))
        if counted is None:
            counts: Counter[str] = Counter()
            for hit in self.hits[:first]:
                counts.update({name_of(str(value)) for value in hit.fields.get(name) or ()})
            counted = self._counted[name, first] = counts
        return counted


def asked(search: Search, hits: Sequence[Candidate], *, profile: str, anonymous: bool) -> Asked:
    """What the search says. `profile` is the name of the ranking profile that ranks it."""
    understood, context = search.understanding, search.context
    names: dict[EntityKind, frozenset[str]] = {}
    queries: list[Tokens]
    if search.browses:
        # No condition on words holds, not even one on how few they are.
        queries, text, intent = [], "", ""
    elif understood is None:
        queries = [words(search.query)]
        text, intent = normalised(search.query), ""
    else:
        typed, corrected = tuple(understood.tokens), tuple(understood.corrected)
        queries = [typed] if typed == corrected else [typed, corrected]
        text, intent = understood.normalised, understood.intent.value
        for entity in understood.entities:
            if not entity.negated:
                both = {name_of(entity.value), name_of(entity.phrase)}
                names[entity.kind] = names.get(entity.kind, NOTHING) | both
    return Asked(
        queries=queries,
        text=text,
        names=names,
        intent=intent,
        index=search.index,
        profile=folding.word(profile),
        segments=frozenset(map(folding.word, search.shopper.segments))
        if search.shopper.segments
        else NOTHING,
        locale=folding.locale(context.locale),
        device=folding.word(context.device),
        channel=folding.word(context.channel),
        application=folding.word(context.application),
        crawler=context.crawler,
        anonymous=anonymous,
        arms={folding.word(name): folding.word(arm) for name, arm in context.experiments.items()},
        browse=search.browses,
        filters=search.filters,
        hits=hits,
    )
