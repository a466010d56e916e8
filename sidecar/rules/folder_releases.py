"""Published rules in a folder, a JSON file for each version: for one machine or a shared disk."""

import json
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from sidecar.rules.release import Kept, Release, UnreadableRelease, read_release, released
from sidecar.rules.release_store import PublishConflict, ReleasesUnavailable

NAME = re.compile(r"\d{6,12}\.json")
UNFINISHED = ".publishing-"
UNFINISHED_SECONDS = 3600
MOST_BYTES = 64 * 1024 * 1024


class FolderReleases:
    """Files that appear whole under their number and are never written again."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        """The folder may be absent, and is made by the first `publish`."""
        self._folder = folder
        self._clock = clock

    def latest(self) -> Kept | None:
        return self.newer_than(0)

    def get(self, number: int) -> Kept | None:
        file = self._file(number)
        with self._explained():
            try:
                with file.open("rb") as opened:
                    content = opened.read(MOST_BYTES + 1)
            except FileNotFoundError:
                return None
        if len(content) > MOST_BYTES:
            return UnreadableRelease(number, f"damaged: {file} has more than {MOST_BYTES:,} bytes")
        try:
            document = json.loads(content)
        except (ValueError, RecursionError) as error:
            return UnreadableRelease(number, f"damaged: {file} is no JSON ({error})")
        return read_release(number, document)

    def history(self, limit: int) -> Sequence[Kept]:
        newest = sorted(self._numbers(), reverse=True)[:limit]
        found = [self.get(number) for number in newest]
        return [release for release in found if release is not None]

    def newer_than(self, number: int) -> Kept | None:
        newest = max(self._numbers(), default=0)
        return self.get(newest) if newest > number else None

    def publish(
        self, rules: str, *, who: str, why: str, expected: int, rolled_back_to: int | None = None
    ) -> Release:
        parent = self.get(expected) if expected else None
        newest = max(self._numbers(), default=0)
        if newest != expected:
            raise self._conflict(newest)
        release = released(parent, rules, who=who, why=why, when=self._clock(), rolled_back_to=rolled_back_to)
        with self._explained():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._sweep()
            try:
                self._write(release)
            except FileExistsError:
                raise self._conflict(release.number) from None
        return release

    def prune(self, first: int) -> int:
        numbers = sorted(self._numbers())
        # Oldest first: a row that was pruned in part is still without gaps.
        gone = [number for number in numbers if number < min(first, numbers[-1])]
        with self._explained():
            for number in gone:
                self._file(number).unlink(missing_ok=True)
        return len(gone)

    def close(self) -> None:
        """Nothing to give back."""

    def _write(self, release: Release) -> None:
        """Raises FileExistsError where somebody else has published this number."""
        unfinished = self._folder / f"{UNFINISHED}{os.getpid()}-{secrets.token_hex(4)}"
        text = json.dumps(release.to_document(), ensure_ascii=False, indent=1) + "\n"
        try:
            with unfinished.open("x", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            # A link does not replace what another publisher has put there, as a rename would.
            os.link(unfinished, self._file(release.number))
        finally:
            unfinished.unlink(missing_ok=True)
        self._sync()

    def _sync(self) -> None:
        """The new name is on disk as well."""
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _sweep(self) -> None:
        """Removes what publishers left that were killed."""
        for file in self._folder.glob(f"{UNFINISHED}*"):
            with suppress(FileNotFoundError):
                if time.time() - file.stat().st_mtime > UNFINISHED_SECONDS:
                    file.unlink()

    def _numbers(self) -> list[int]:
        with self._explained():
            try:
                names = [file.name for file in self._folder.iterdir()]
            except FileNotFoundError:
                return []
        numbers = [(int(name.removesuffix(".json")), name) for name in names if NAME.fullmatch(name)]
        # A number that is written in another way (0000008) is none of ours: `get` would not find it.
        return [number for number, name in numbers if self._file(number).name == name]

    def _file(self, number: int) -> Path:
        return self._folder / f"{number:06d}.json"

    def _conflict(self, number: int) -> PublishConflict:
        other = self.get(number)
        return PublishConflict(number, other.who if isinstance(other, Release) else "")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except FileExistsError:
            raise
        except OSError as error:
            raise ReleasesUnavailable(
                f"{self._folder}: published rules cannot be reached: {error.strerror or error}. "
                "Mend the folder, or name another one in `rules.folder.path`."
            ) from error
