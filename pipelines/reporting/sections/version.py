"""Which data this report shows."""

from __future__ import annotations

from ..facts.context import Context
from ..language import numbers
from ..model import Facts, Note, Section

ALSO_WITHOUT_DATA = True
TABLE = "meta.release"


def build(ctx: Context) -> Section:
    """Release, date of the data, fingerprint, version, seed."""
    release = ctx.release
    values = {
        "release_id": numbers.clean(release.release_id),
        "data_date": numbers.long_date(release.data_date, ctx.lang),
        "fingerprint": numbers.clean(release.fingerprint),
        "project_version": numbers.clean(release.project_version),
        "seed": str(release.seed),
    }
    pairs = tuple((ctx.words.field(TABLE, name), value) for name, value in values.items())
    return Section("version", ctx.words.table(TABLE), (Facts(pairs), Note(ctx.say("version.kept"))))
