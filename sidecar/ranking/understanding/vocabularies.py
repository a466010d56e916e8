"""The vocabularies of all indices, watched on disk and swapped while searches go on."""

import asyncio
import logging
from pathlib import Path

from sidecar.ranking.understanding.reader import Reader
from sidecar.ranking.understanding.vocabulary import Vocabulary
from sidecar.ranking.understanding.vocabulary_folder import (
    MANIFEST,
    VocabularyError,
    current_version,
    indices,
    read_vocabulary,
)
from sidecar.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

DEFAULT = "default"
MOST_INDICES = 64


class Vocabularies:
    """A reader for each index that has a vocabulary, and one without a catalogue for the others.

    `look` reads what has changed on disk; a version that is damaged is refused and counted, and the one
    before it stays. `reader_for` never waits: it answers with what was read last.
    """

    def __init__(self, folder: Path, interval: float, metrics: Metrics) -> None:
        """`interval` is the time between two looks, in seconds. The folder may be absent, and come later."""
        self._folder = folder
        self._interval = interval
        self._metrics = metrics
        self._readers: dict[str, Reader] = {}
        self._refused: dict[str, tuple[str, int]] = {}
        self._without = Reader(Vocabulary.without_catalogue())

    def reader_for(self, index: str) -> Reader:
        """The index's own reader; else that of `default`; else one without a catalogue.

        Never another index's: its catalogue would put right what is no mistake here.
        """
        readers = self._readers
        return readers.get(index) or readers.get(DEFAULT) or self._without

    def look(self) -> None:
        """Reads the versions that have become current since the last look. Never raises."""
        try:
            self._look()
        except Exception:
            log.exception("vocabularies cannot be read; those read before stay")

    async def watch(self) -> None:
        """Looks for ever, beside the searches; to be run as a task."""
        while True:
            await asyncio.sleep(self._interval)
            await asyncio.to_thread(self.look)

    def _look(self) -> None:
        names = indices(self._folder)
        if len(names) > MOST_INDICES:
            log.warning("more than %d vocabularies; the rest is left out", MOST_INDICES)
            names = names[:MOST_INDICES]
        found = {}
        for name in names:
            reader = self._reader(name)
            if reader is not None:
                found[name] = reader
        self._readers = found  # in one step: a search sees all of the old ones or all of the new ones
        self._metrics.vocabularies.set(len(found))

    def _reader(self, index: str) -> Reader | None:
        """The reader of what is current; the one before where that is damaged."""
        before = self._readers.get(index)
        version = current_version(self._folder / index)
        if before is not None and before.vocabulary.version == version:
            return before
        folder = self._folder / index / version
        seen = version, _changed(folder)
        if self._refused.get(index) == seen:
            return before
        try:
            vocabulary = read_vocabulary(folder)
        except VocabularyError as error:
            log.warning("vocabulary refused: %s", error)
            self._refused[index] = seen
            self._metrics.vocabularies_refused.inc()
            return before
        self._refused.pop(index, None)
        log.info("vocabulary read", extra={"index": index, "version": version})
        return Reader(vocabulary)


def _changed(folder: Path) -> int:
    """When the newest file of a version was written: one mended in place is tried again."""
    try:
        return max(path.stat().st_mtime_ns for path in [folder, folder / MANIFEST, *folder.iterdir()])
    except OSError:
        return 0
