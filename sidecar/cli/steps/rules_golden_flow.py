"""What `reshelf rules test` does, and what publishing does of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from sidecar.cli.steps.rules_compiling import compiled_or_told
from sidecar.config.profile import Profile
from sidecar.domain.candidate import Candidate, FieldValues
from sidecar.domain.search import FieldFilter
from sidecar.evaluation.golden.index import TestedIndexes
from sidecar.evaluation.golden.reading import read_golden_tests
from sidecar.evaluation.golden.run import GoldenRun, NeedsIndex, Outcome
from sidecar.rules.problem import Problem
from sidecar.rules.rule_set import RuleSet

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

WINDOW = 100
"""Hits that are taken from an index for a test."""


@dataclass
class GoldenReport:
    """What came of all tests. `skipped` need an index that could not be asked."""

    passed: int = 0
    failed: list[Outcome] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    problems: Sequence[Problem] = ()

    @property
    def is_good(self) -> bool:
        """Whether nothing speaks against the rules."""
        return not self.failed and not self.problems

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "passed": self.passed,
            "failed": [
                {
                    "name": outcome.written.test.name,
                    "file": outcome.written.file,
                    "line": outcome.written.line(),
                    "failures": [
                        {"line": failure.line, "message": failure.message} for failure in outcome.failures
                    ],
                    "shown": list(outcome.shown),
                }
                for outcome in self.failed
            ],
            "skipped": self.skipped,
            "problems": [
                {"file": one.file, "line": one.line, "reason": one.reason, "fix": one.fix}
                for one in self.problems
            ],
        }


def run_golden_tests(
    folder: Path,
    rule_set: RuleSet,
    profiles: Mapping[str, Profile],
    default_profile: str,
    indexes: TestedIndexes | None,
) -> GoldenReport:
    """All tests of a folder with these rules. Raises OSError, and RulesInvalid as `compiled_or_told` does."""
    compiled = compiled_or_told(rule_set)
    found = read_golden_tests(folder)
    report = GoldenReport(problems=found.problems)
    runner = GoldenRun(rule_set, compiled, profiles, default_profile, indexes)
    for written in found.tests:
        try:
            outcome = runner.run(written)
        except NeedsIndex:
            report.skipped.append(f"{written.file}:{written.line()}: {written.test.name}")
            continue
        if outcome.failures:
            report.failed.append(outcome)
        else:
            report.passed += 1
    return report


class PlainIndexes:
    """A cluster's indexes, by plain searches, with the fields that a ranking profile reads."""

    def __init__(self, client: "OpenSearch", profile: Profile) -> None:
        self._client = client
        self._fields = profile.fields_needed()

    def hits(self, index: str, query: str, filters: Sequence[FieldFilter]) -> Sequence[Candidate]:
        """The first hits for a query under filters. Raises ClusterError."""
        from sidecar.evaluation.arms.in_process import plain_candidates
        from sidecar.opensearch.connection import explained

        with explained(f"searching `{index}`"):
            return plain_candidates(self._client, index, query, WINDOW, self._fields, filters)

    def fetched(
        self, index: str, ids: Sequence[str], filters: Sequence[FieldFilter]
    ) -> Mapping[str, Mapping[str, FieldValues]]:
        """The fields of documents by id that the filters let through. Raises ClusterError."""
        from sidecar.evaluation.arms.in_process import plain_documents
        from sidecar.opensearch.connection import explained

        with explained(f"reading documents of `{index}`"):
            return plain_documents(self._client, index, ids, self._fields, filters)


def show_golden(report: GoldenReport, console: Console | None = None) -> None:
    """Prints what failed, with file and line, and how many passed."""
    console = console or Console(highlight=False, soft_wrap=True)
    for problem in report.problems:
        console.print(Text(str(problem), style="red"))
    for outcome in report.failed:
        written = outcome.written
        console.print(Text(f"{written.file}:{written.line()}: {written.test.name}", style="red"))
        for failure in outcome.failures:
            console.print(Text(f"  {written.file}:{failure.line}: {failure.message}"))
        if outcome.shown:
            console.print(Text(f"  shown: {', '.join(outcome.shown[:20])}", style="dim"))
    for name in report.skipped:
        fix = "name the cluster (--opensearch or RESHELF_OPENSEARCH)"
        console.print(Text(f"{name}: skipped: its hits are in an index; {fix}"))
    broken = f", {len(report.problems)} problems of files" if report.problems else ""
    skipped = f", {len(report.skipped)} skipped" if report.skipped else ""
    console.print(f"{report.passed} passed, {len(report.failed)} failed{skipped}{broken}", markup=False)
