"""Detect the licence of added files from the licence text beside them."""

from __future__ import annotations

import re
from pathlib import Path

NAMES = ("LICENSE", "LICENCE", "COPYING")
# The first pattern found in the text decides.
_KNOWN = (
    ("CC0-1.0", r"CC0|No Copyright|Public Domain Dedication"),
    ("CC-BY-SA-4.0", r"Attribution-ShareAlike 4\.0|CC[- ]BY[- ]SA[- ]4"),
    ("CC-BY-NC-4.0", r"Attribution-NonCommercial 4\.0|CC[- ]BY[- ]NC[- ]4"),
    ("CC-BY-4.0", r"Attribution 4\.0|CC[- ]BY[- ]4"),
    ("ODbL-1.0", r"Open Database License|ODbL"),
    ("Apache-2.0", r"Apache License\s+Version 2\.0"),
    ("AGPL-3.0", r"GNU AFFERO GENERAL PUBLIC LICENSE"),
    ("GPL-3.0", r"GNU GENERAL PUBLIC LICENSE\s+Version 3"),
    ("BSD-3-Clause", r"Redistribution and use in source and binary forms"),
    ("MIT", r"MIT License|Permission is hereby granted, free of charge"),
)


def licence_beside(folder: Path) -> tuple[str, str]:
    """Return (name, file name) of the licence in `folder`; empty strings where there is none.

    An unrecognised text is named by its first line, shortened.
    """
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.is_file() and path.name.upper().startswith(NAMES):
            text = path.read_bytes()[:20_000].decode("utf-8", "replace")
            for name, pattern in _KNOWN:
                if re.search(pattern, text, re.IGNORECASE):
                    return name, path.name
            first = next((line.strip() for line in text.splitlines() if line.strip()), "")
            return re.sub(r"[^\w .,:()/-]", "", first)[:80] or path.name, path.name
    return "", ""
