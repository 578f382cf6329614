"""ref.law_in_force: which article applies to which question at each election."""

from __future__ import annotations

import pandas as pd

from pipelines.catalog.declared import HERE, read_yaml
from pipelines.resolve.law import law_in_force

from . import Read, Release


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Return every question of every election with its article, or with the statement that none is known."""
    wordings = {str(english): str(text) for english, text in read_yaml(HERE / "law.yaml").items()}
    found = law_in_force(read("ref.articles"), read("ref.elections"), read("ref.grounds"), wordings)
    return {"ref.law_in_force": found}
