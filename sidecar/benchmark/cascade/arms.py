"""How the same hits are ranked: everything read, the profile as it is, and both under a deadline."""

from dataclasses import dataclass

from sidecar.config.profile import Profile

EVERYTHING = "everything"
NO_DEADLINE = "no deadline"
BASELINES = (EVERYTHING, NO_DEADLINE)
"""What the others' quality is compared with."""


@dataclass(frozen=True, slots=True)
class CascadeArm:
    """`deadline` is in seconds, None for all the time that it takes.

    `known`: the documents' vectors are cached, as of a product that other searches have found. The query is
    always new, and no score is cached.
    """

    name: str
    profile: Profile
    deadline: float | None = None
    known: bool = True


def cascade_arms(profile: Profile, deadline: float) -> list[CascadeArm]:
    """The arms of a profile; the deadline is in seconds."""
    count = profile.relevance.candidates
    whole = profile.model_copy(
        update={"relevance": profile.relevance.model_copy(update={"pairs": count})},
    )
    return [
        CascadeArm(EVERYTHING, whole),
        CascadeArm(NO_DEADLINE, profile),
        CascadeArm("deadline, documents known", profile, deadline),
        CascadeArm("deadline, all new", profile, deadline, known=False),
        CascadeArm(f"deadline, up to {count} pairs, documents known", whole, deadline),
    ]
