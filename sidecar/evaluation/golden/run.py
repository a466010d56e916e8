"""Golden tests, run through the rules as searches are."""

import asyncio
import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry

from sidecar.config.profile import Profile
from sidecar.config.rules import Rules
from sidecar.domain.candidate import Candidate
from sidecar.domain.ranking import FetchedHit
from sidecar.evaluation.brought_in import brought_in
from sidecar.evaluation.golden.index import TestedIndexes
from sidecar.evaluation.golden.made import candidates_of_hits, filters_of, reader_of, search_of
from sidecar.evaluation.golden.model import Expectations
from sidecar.evaluation.golden.reading import WrittenTest
from sidecar.ranking.layout.compiled import CompiledRules
from sidecar.ranking.layout.metrics import LayoutMetrics
from sidecar.ranking.layout.stage import LayoutStage
from sidecar.ranking.standing import Arranged, Standing, first_stage
from sidecar.rules.language.rule import Rule
from sidecar.rules.rule_set import RuleSet

SLOWEST_RULE_MS = 10_000
"""A test is about what rules do, however busy the machine is."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that was not met; `line` is where it stands."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a test. `shown` are the ids that came out, best first."""

    written: WrittenTest
    failures: Sequence[Failure]
    shown: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What rules made of a test's hits. `did` are letters by rule, as the served log keeps them."""

    shown: Sequence[str]
    hidden: Sequence[str]
    fetched: Sequence[str]
    did: Mapping[str, str]
    metadata: Mapping[str, Any]


class NeedsIndex(Exception):
    """A test takes its hits from an index, and none can be asked."""


class GoldenRun:
    """Runs tests through one set of rules."""

    def __init__(
        self,
        rule_set: RuleSet,
        compiled: CompiledRules,
        profiles: Mapping[str, Profile],
        default_profile: str,
        indexes: TestedIndexes | None = None,
    ) -> None:
        """`compiled` is made of `rule_set`; `profiles` are the ranking profiles by name."""
        self._rules = {rule.id: rule for rule in rule_set.rules}
        self._stage = LayoutStage(
            lambda: compiled,
            LayoutMetrics(CollectorRegistry()),
            Rules(slow_rule_ms=SLOWEST_RULE_MS),
            profiles=profiles,
        )
        self._profiles = profiles
        self._default = default_profile
        self._indexes = indexes

    def run(self, written: WrittenTest) -> Outcome:
        """One test. Raises NeedsIndex."""
        asked = written.test.search
        name = asked.profile or self._default
        if name not in self._profiles:
            line = written.line("search", "profile")
            known = ", ".join(self._profiles)
            return Outcome(
                written, [Failure(line, f"no ranking profile is named `{name}`. There are: {known}.")], ()
            )
        answer = asyncio.run(self._answer(written, self._profiles[name]))
        failures = [
            Failure(written.line("expect", *path), message)
            for path, message in _failures(written.test.expect, answer, self._rules)
        ]
        return Outcome(written, failures, answer.shown)

    async def _answer(self, written: WrittenTest, profile: Profile) -> _Answer:
        candidates = self._candidates(written)
        search = search_of(written.test.search, candidates, reader_of(written.within.vocabulary))
        standing = first_stage(candidates)
        layout = self._stage.begin(search, profile, standing)
        if layout is None:
            return _Answer([candidate.id for candidate in candidates], (), (), {}, {})
        result = await layout.apply(search, profile, standing, search.deadline)
        return _answer_of(candidates, result.standing, self._found(written, result.standing.arranged))

    def _candidates(self, written: WrittenTest) -> list[Candidate]:
        if written.test.index is None:
            return candidates_of_hits(written.within.hits_of(written.test))
        if self._indexes is None:
            raise NeedsIndex
        asked = written.test.search
        return list(self._indexes.hits(written.test.index, asked.query, filters_of(asked.filters)))

    def _found(self, written: WrittenTest, arranged: Arranged | None) -> list[FetchedHit]:
        """The documents that are brought in: all that rules name where the test's hits are written, for
        nobody knows more of them; of an index those that it has, as searches would show them."""
        if arranged is None:
            return []
        name, indexes = written.test.index, self._indexes
        if name is None or indexes is None:
            return list(arranged.fetched)
        filters = filters_of(written.test.search.filters)
        found = brought_in(arranged, lambda ids: indexes.fetched(name, ids, filters), self._stage)
        return [hit for hit in arranged.fetched if hit.id in found]


def _answer_of(candidates: Sequence[Candidate], standing: Standing, fetched: Sequence[FetchedHit]) -> _Answer:
    arranged = standing.arranged or Arranged()
    shown = [candidate.id for candidate in standing.candidates]
    for hit in fetched:
        shown.insert(hit.place - 1, hit.id)
    removed = set(arranged.removed)
    told = json.loads(arranged.layout.json) if arranged.layout and arranged.layout.json else {}
    return _Answer(
        shown,
        [candidate.id for candidate in candidates if candidate.rank in removed],
        [hit.id for hit in fetched],
        json.loads(arranged.record.get("rules_did", "{}")),
        told.get("metadata", {}),
    )


def _failures(
    expected: Expectations, answer: _Answer, rules: Mapping[str, Rule]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The path of an expectation that was not met, and a sentence. `rules`: all of the folder, by id."""
    shown = list(answer.shown)
    if expected.order is not None and shown != expected.order:
        yield ("order",), _differs("the order is", expected.order, shown)
    if expected.first is not None and shown[: len(expected.first)] != expected.first:
        yield ("first",), _differs("the list begins with", expected.first, shown[: len(expected.first)])
    for one, place in expected.at.items():
        found = shown.index(one) + 1 if one in shown else None
        if found != place:
            stands = f"stands at place {found}" if found else "is not shown"
            yield ("at", one), f"`{one}` {stands}, not at {place}."
    yield from _missing("hidden", expected.hidden, answer.hidden, "is not hidden")
    yield from _missing("shown", expected.shown, shown, "is not shown")
    if expected.fetched is not None and list(answer.fetched) != expected.fetched:
        yield ("fetched",), _differs("brought in are", expected.fetched, list(answer.fetched))
    acted = [rule for rule, letters in answer.did.items() if set(letters) & set("ah")]
    for place, rule in enumerate(expected.acted or ()):
        if rule not in rules:
            yield ("acted", place), _no_rule(rule, rules)
        elif rule not in acted:
            why = _why_not(answer.did.get(rule)) if rules[rule].enabled else "it has `enabled: false`"
            yield ("acted", place), f"rule `{rule}` did nothing: {why}."
    for place, rule in enumerate(expected.not_acted or ()):
        if rule not in rules:
            yield ("not_acted", place), _no_rule(rule, rules)
        elif rule in acted:
            yield ("not_acted", place), f"rule `{rule}` did something."
    for key, value in (expected.metadata or {}).items():
        if key not in answer.metadata:
            yield ("metadata", key), f"there is no `{key}` in the metadata."
        elif answer.metadata[key] != value:
            yield ("metadata", key), f"`{key}` is {answer.metadata[key]!r}, not {value!r}."


def _missing(
    key: str, wanted: Sequence[str] | None, found: Sequence[str], sentence: str
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for place, one in enumerate(wanted or ()):
        if one not in found:
            yield (key, place), f"`{one}` {sentence}."


def _differs(what: str, expected: Sequence[str], found: Sequence[str]) -> str:
    return f"{what} {', '.join(found) or 'nothing'}; expected {', '.join(expected) or 'nothing'}."


def _no_rule(said: str, rules: Mapping[str, Rule]) -> str:
    near = difflib.get_close_matches(said, rules, n=1)
    return f"there is no rule `{said}`." + (f" Did you mean `{near[0]}`?" if near else "")


def _why_not(letters: str | None) -> str:
    """Why a rule did nothing, by its letters."""
    if letters is None:
        return "it does not hold for this search"
    if "f" in letters:
        return "it failed"
    if "o" in letters:
        return "it was held out for this shopper"
    if "l" in letters or "x" in letters:
        return "it lost its place to another rule, or there was none"
    return "it holds, and there was nothing for it to do"
