"""Read an index into a new version of its vocabulary."""

from datetime import UTC, datetime
from pathlib import Path

import typer
from opensearchpy import OpenSearch

from sidecar.cli.work_progress import work_progress
from sidecar.config.errors import ConfigurationError
from sidecar.opensearch.errors import ClusterError
from sidecar.opensearch.vocabulary_source import SourceReport, VocabularyFields, read_index
from sidecar.ranking.understanding.vocabulary_folder import VocabularyError, Written, write_vocabulary
from sidecar.stack.errors import StackError
from sidecar.stack.paths import vocabularies_folder


def build_vocabulary(
    client: OpenSearch,
    index: str,
    folder: Path,
    *,
    fields: VocabularyFields | None = None,
    name: str | None = None,
    most: int | None = None,
) -> tuple[Written, SourceReport]:
    """Reads the index with a progress bar and writes a version. Raises ClusterError, ConfigurationError."""
    with work_progress(f"Reading the titles of {index}", 1.0) as tick:
        harvest, report = read_index(
            client,
            index,
            fields or VocabularyFields(),
            most_documents=most,
            on_documents=lambda done, total: tick(done / max(total, 1), f"{done:,} of {total:,}"),
        )
    try:
        written = write_vocabulary(
            folder,
            name or index,
            names=harvest.names(),
            words=harvest.words(),
            documents=harvest.documents,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
        )
    except VocabularyError as error:
        raise ConfigurationError(str(error)) from error
    except OSError as error:
        raise ConfigurationError(f"{folder}: cannot be written: {error.strerror}.") from error
    return written, report


def build_default_vocabulary(client: OpenSearch, index: str) -> None:
    """The vocabulary of what was loaded, where the local stack looks for it; a failure is told, no more.

    The products are there, and searches work without it.
    """
    try:
        written, _ = build_vocabulary(client, index, vocabularies_folder())
    except StackError:
        return  # no clone, no local stack
    except (ClusterError, ConfigurationError) as error:
        typer.echo(f"no vocabulary was built: {error}", err=True)
        return
    typer.echo(f"vocabulary {written.version} in {written.folder.parent}", err=True)
