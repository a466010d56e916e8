"""Loads files of events into a running sidecar."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from sidecar.cli.steps.event_sending import EventSender
from sidecar.feedback.event_files import Line, read_file

SHOWN_REASONS = 50


@dataclass
class ImportReport:
    """What was in the files, and what became of it."""

    files: int = 0
    events: int = 0
    queries: int = 0
    accepted: int = 0
    repeated: int = 0
    ignored: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    first: dict[tuple[str, str], str] = field(default_factory=dict)

    def refuse(self, line: Line, field_: str, reason: str) -> None:
        """Counts one, and keeps where the first of its kind was."""
        key = (field_, reason)
        self.refused += 1
        self.reasons[key] += 1
        self.first.setdefault(key, f"{line.file}:{line.place}")

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            **{name: getattr(self, name) for name in ("files", "events", "queries", "accepted", "repeated")},
            "ignored": dict(self.ignored),
            "refused": self.refused,
            "reasons": [
                {"field": key[0], "reason": key[1], "count": count, "first": self.first[key]}
                for key, count in self.reasons.most_common(SHOWN_REASONS)
            ],
        }


def import_files(
    files: Sequence[Path], sender: EventSender, batch: int, tick: Callable[[float, str], None]
) -> ImportReport:
    """Sends all events. `tick` is told how many bytes of all files are done, and what is being waited for.

    Raises SidecarError, OSError and UnicodeDecodeError; what was accepted until then is kept, and is known
    when the same files come again.
    """
    report, before = ImportReport(), 0
    for file in files:
        report.files += 1
        lines_of_file = _events(read_file(file), report)
        while lines := list(islice(lines_of_file, batch)):
            at = before + lines[-1].read
            answer = sender.send([line.document for line in lines], partial(tick, at))
            report.accepted += answer.accepted
            report.repeated += answer.repeated
            report.ignored.update(answer.ignored)
            for one in answer.refused:
                report.refuse(lines[one["index"]], one["field"], one["reason"])
            tick(at, f"{report.accepted:,} accepted")
        before += file.stat().st_size
    return report


def _events(lines: Iterable[Line], report: ImportReport) -> Iterator[Line]:
    """The lines that are to be sent; the others are counted."""
    for line in lines:
        if line.problem:
            report.events += 1
            report.refuse(line, "", line.problem)
        elif line.is_query:
            report.queries += 1
        else:
            report.events += 1
            yield line
