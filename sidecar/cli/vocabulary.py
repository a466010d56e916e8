"""`reshelf vocabulary`: what an index calls its products, for query understanding."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sidecar.cli.opensearch_target import OpenSearchUrl, cluster, told_problems

if TYPE_CHECKING:
    from sidecar.ranking.understanding.vocabulary import Name, Vocabulary

vocabulary = typer.Typer(
    name="vocabulary", help="Build what queries are understood against.", no_args_is_help=True
)

Folder = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", help="Where vocabularies are. Default: .reshelf/vocabularies in this clone."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as one JSON object on stdout.")]
OfIndex = Annotated[
    str | None, typer.Option("--index", help="Of this index. May be left out while there is only one.")
]

SHOWN = 20


def register(app: typer.Typer) -> None:
    """Adds `reshelf vocabulary`."""
    app.add_typer(vocabulary)


@vocabulary.command()
def build(
    index: Annotated[str, typer.Option(help="The index or alias to read.")],
    name: Annotated[
        str | None, typer.Option("--as", help="Keep it under this name: another alias, or `default`.")
    ] = None,
    title: Annotated[str, typer.Option("--title-field", help="The field of titles.")] = "title",
    brand: Annotated[str, typer.Option("--brand-field", help="The field of brands; '' for none.")] = "brand",
    color: Annotated[str, typer.Option("--color-field", help="The field of colours; '' for none.")] = "color",
    category: Annotated[
        str, typer.Option("--category-field", help="The field of categories; '' for none.")
    ] = "category",
    most: Annotated[
        int | None, typer.Option("--documents", min=1, help="Read at most so many titles.")
    ] = None,
    opensearch: OpenSearchUrl = None,
    output: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Read an index's brands, colours, categories and titles into a new version, and make it current.

    Example: `reshelf vocabulary build --index shop`

    A running sidecar takes it within seconds. Nothing is written if the current version says the same.
    """
    with told_problems():
        from sidecar.cli.steps.vocabulary_build import build_vocabulary
        from sidecar.opensearch.vocabulary_source import VocabularyFields

        fields = VocabularyFields(title, brand, color, category)
        written, report = build_vocabulary(
            cluster(opensearch), index, vocabularies(output), fields=fields, name=name, most=most
        )
    if as_json:
        answer = {
            "index": name or index,
            "version": written.version,
            "folder": str(written.folder),
            "reused": written.reused,
            "documents": report.documents,
            "values": report.values,
            "passed_over": report.passed_over,
        }
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    for kind, why in report.passed_over.items():
        typer.echo(f"{kind}: {why}", err=True)
    typer.echo(f"{written.version}: {'up to date' if written.reused else 'built'} in {written.folder}")


@vocabulary.command(name="list")
def list_versions(output: Folder = None, as_json: AsJson = False) -> None:
    """List the versions by index; the current one of each is marked.

    Example: `reshelf vocabulary list`
    """
    from sidecar.cli.steps.table import show_table
    from sidecar.ranking.understanding.vocabulary_folder import (
        VocabularyError,
        current_version,
        read_manifest,
        versions,
    )

    with told_problems():
        folder = vocabularies(output)
    rows: list[dict[str, object]] = []
    for place in sorted(folder.iterdir()) if folder.is_dir() else []:
        current = current_version(place)
        for version in versions(place):
            row: dict[str, object] = {
                "index": place.name,
                "version": version,
                "current": "*" if version == current else "",
            }
            try:
                manifest = read_manifest(place / version)
            except VocabularyError:
                rows.append({**row, "documents": "damaged", "names": "", "words": "", "created": ""})
                continue
            rows.append(
                {
                    **row,
                    "documents": manifest.documents,
                    "names": sum(manifest.names.values()),
                    "words": manifest.words,
                    "created": manifest.created,
                }
            )
    if as_json:
        told = [{**row, "current": bool(row["current"])} for row in rows]
        typer.echo(json.dumps({"folder": str(folder), "versions": told}))
    elif rows:
        show_table(rows)
    else:
        typer.echo("No vocabulary built yet. Run `reshelf vocabulary build --index NAME`.")


@vocabulary.command()
def show(
    index: OfIndex = None,
    kind: Annotated[str | None, typer.Option(help="Only brand, category or color.")] = None,
    most: Annotated[int, typer.Option("--most", min=1, help="So many names, the commonest first.")] = SHOWN,
    output: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Show the names of the current version, the commonest first, and how sure each one is.

    Example: `reshelf vocabulary show --kind brand --most 50`
    """
    with told_problems():
        place = _place(vocabularies(output), index)
        version, names = _names(place, kind)
    rows: list[dict[str, object]] = [
        {
            "kind": str(name.kind),
            "phrase": name.phrase,
            "value": name.value,
            "products": name.count,
            "confidence": name.confidence,
        }
        for name in names[:most]
    ]
    if as_json:
        answer = {"index": place.name, "version": version, "names": rows, "all": len(names)}
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    from sidecar.cli.steps.table import show_table

    if rows:
        show_table(rows)
    typer.echo(f"{len(rows)} of {len(names):,} names, version {version} of `{place.name}`")


@vocabulary.command()
def explain(
    query: Annotated[str, typer.Argument(help="What a shopper types.")],
    index: OfIndex = None,
    output: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Show how a query is understood: names, numbers, what is not wanted, intent, specificity.

    Example: `reshelf vocabulary explain "red velvet sofa without arms"`
    """
    from sidecar.cli.steps.understanding_told import told_lines, told_understanding
    from sidecar.ranking.understanding.reader import Reader
    from sidecar.ranking.understanding.vocabulary import Vocabulary

    with told_problems():
        folder = vocabularies(output)
        found = Vocabulary.without_catalogue() if _is_empty(folder) and not index else _read(folder, index)
    told = told_understanding(Reader(found).read(query))
    typer.echo(json.dumps(told, ensure_ascii=False) if as_json else "\n".join(told_lines(told)))


@vocabulary.command()
def use(
    version: Annotated[str, typer.Argument(help="A version that `list` shows.")],
    index: OfIndex = None,
    output: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Make another version current, to roll back; a running sidecar follows within seconds.

    Example: `reshelf vocabulary use 000001-1a2b3c4d`
    """
    from sidecar.ranking.understanding.vocabulary_folder import VocabularyError, use_version

    with told_problems():
        from sidecar.config.errors import ConfigurationError

        place = _place(vocabularies(output), index)
        try:
            use_version(place, version)
        except VocabularyError as error:
            raise ConfigurationError(str(error)) from error
    typer.echo(
        json.dumps({"index": place.name, "version": version})
        if as_json
        else f"{version} is current for `{place.name}`"
    )


def vocabularies(output: Path | None) -> Path:
    """The folder that a command works on. Raises ConfigurationError where none can be found."""
    from sidecar.config.errors import ConfigurationError
    from sidecar.stack.errors import StackError
    from sidecar.stack.paths import vocabularies_folder

    if output is not None:
        return output.expanduser().resolve()
    try:
        return vocabularies_folder()
    except StackError as error:
        raise ConfigurationError(f"{error} Or name a folder with --output.") from error


def _is_empty(folder: Path) -> bool:
    from sidecar.ranking.understanding.vocabulary_folder import indices

    return not indices(folder)


def _place(folder: Path, index: str | None) -> Path:
    """The folder of the index that is meant. Raises ConfigurationError where that is not clear."""
    from sidecar.config.errors import ConfigurationError
    from sidecar.ranking.understanding.vocabulary_folder import indices

    known = indices(folder)
    if index in known:
        return folder / index
    if index is None and len(known) == 1:
        return folder / known[0]
    if not known:
        raise ConfigurationError(
            f"{folder}: no vocabulary built there. Run `reshelf vocabulary build --index NAME`."
        )
    asked = f"no vocabulary of `{index}`" if index else "there are several vocabularies"
    raise ConfigurationError(f"{folder}: {asked}. Name one with --index: {', '.join(known)}.")


def _read(folder: Path, index: str | None) -> "Vocabulary":
    from sidecar.config.errors import ConfigurationError
    from sidecar.ranking.understanding.vocabulary_folder import (
        VocabularyError,
        current_version,
        read_vocabulary,
    )

    place = _place(folder, index)
    try:
        return read_vocabulary(place / current_version(place))
    except VocabularyError as error:
        raise ConfigurationError(str(error)) from error


def _names(place: Path, kind: str | None) -> "tuple[str, list[Name]]":
    from sidecar.config.errors import ConfigurationError
    from sidecar.domain.understanding import EntityKind
    from sidecar.ranking.understanding.vocabulary_folder import VocabularyError, current_version, read_names

    if kind is not None and kind not in list(EntityKind):
        raise ConfigurationError(f"--kind {kind}: not a kind of name. Allowed: {', '.join(EntityKind)}.")
    version = current_version(place)
    try:
        names = read_names(place / version)
    except VocabularyError as error:
        raise ConfigurationError(str(error)) from error
    chosen = [name for name in names if kind in (None, name.kind)]
    return version, sorted(chosen, key=lambda name: (-name.count, name.phrase))
