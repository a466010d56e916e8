"""`reshelf blend`: fit the weights of the relevance stage, and look at them."""

from pathlib import Path
from typing import Annotated

import typer

from sidecar.cli.opensearch_target import OpenSearchUrl, cluster, told_problems
from sidecar.cli.pipeline import ProfilesFolder

blend = typer.Typer(
    name="blend", help="Fit the blend of features that orders the hits.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Adds `reshelf blend`."""
    app.add_typer(blend)


@blend.command()
def fit(
    judgments: Annotated[Path, typer.Option(help="Judged queries, as for `reshelf evaluate`.")],
    products: Annotated[
        Path | None, typer.Option(help="Products for a temporary index; not needed with --index.")
    ] = None,
    index: Annotated[str | None, typer.Option(help="Search this index instead of a temporary one.")] = None,
    model: Annotated[
        Path | None, typer.Option(help="A built model's folder. Default: the one of this clone.")
    ] = None,
    profile: Annotated[
        str, typer.Option(help="The profile whose texts, fields and numbers count.")
    ] = "default",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the blend here (*.yml). Default: only tell.")
    ] = None,
    features: Annotated[
        str, typer.Option(help="Features to weigh, by commas; `all`. Default: those that paid on ESCI.")
    ] = "default",
    l2: Annotated[float, typer.Option(min=0, help="How strongly weights are pulled to 0.")] = 4.0,
    seeds: Annotated[int, typer.Option(min=1, help="Partitions of the cross-validation.")] = 3,
    levers: Annotated[
        bool, typer.Option("--levers/--no-levers", help="Tell what each group of features is worth.")
    ] = True,
    json_out: Annotated[
        str | None, typer.Option("--json", metavar="OUT", help="Write the figures as JSON; - is stdout.")
    ] = None,
    opensearch: OpenSearchUrl = None,
    profiles: ProfilesFolder = None,
) -> None:
    """Fit a blend to judged queries, and tell by cross-validation what it is worth.

    Example: `reshelf blend fit --products products.jsonl.gz --judgments judgments.jsonl -o blend.yml`

    Searches the plain index, describes the hits with the same code that serves, and fits weights (never
    negative) by pairwise logistic regression. Figures are of queries that were held out; LambdaMART over the
    same features stands beside them where LightGBM is installed. Name the file in a profile
    (`relevance.blend`) to use it.
    """
    with told_problems():
        from sidecar.cli.steps.blend_flow import Fit, run_fit

        run_fit(
            cluster(opensearch),
            Fit(
                judgments=judgments,
                products=products,
                index=index,
                model=model,
                profile=profile,
                output=output,
                features=features,
                l2=l2,
                seeds=seeds,
                levers=levers,
                json_out=json_out,
                profiles=profiles,
            ),
        )


@blend.command()
def show(
    profile: Annotated[str, typer.Argument(help="The profile that names the blend.")] = "default",
    as_json: Annotated[bool, typer.Option("--json", help="Answer as one JSON object on stdout.")] = False,
    profiles: ProfilesFolder = None,
) -> None:
    """Show the weights that a profile ranks by.

    Example: `reshelf blend show default`
    """
    with told_problems():
        from sidecar.cli.steps.blend_flow import show_blend

        show_blend(profile, profiles, as_json)
