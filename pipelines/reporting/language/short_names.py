"""Informal short names of places that the search cannot derive from the official name, or only ambiguously.

`sultra` is Sulawesi Tenggara, although its letters fit Sulawesi Utara; `sulteng` is Tengah, although Tenggara
begins the same way. An unambiguous name (`kukar`, `sidrap`) need not be listed: the search combines beginnings
of words.
"""

from __future__ import annotations

from types import MappingProxyType

SHORT_NAMES = MappingProxyType(
    {
        "11": ("nad",),
        "12": ("sumut",),
        "13": ("sumbar",),
        "16": ("sumsel",),
        "19": ("babel",),
        "21": ("kepri",),
        "31": ("dki", "dkj"),
        "32": ("jabar",),
        "33": ("jateng",),
        "34": ("diy", "jogja", "jogjakarta", "yogya"),
        "35": ("jatim",),
        "52": ("ntb",),
        "53": ("ntt",),
        "61": ("kalbar",),
        "62": ("kalteng",),
        "63": ("kalsel",),
        "64": ("kaltim",),
        "65": ("kaltara",),
        "71": ("sulut",),
        "72": ("sulteng",),
        "73": ("sulsel",),
        "74": ("sultra",),
        "76": ("sulbar",),
        "82": ("malut",),
        "92": ("pabar",),
        "93": ("papsel",),
        "94": ("papteng",),
        "95": ("papeg",),
        "96": ("pbd",),
        "1613": ("muratara",),
        "3171": ("jakpus",),
        "3172": ("jakut",),
        "3173": ("jakbar",),
        "3174": ("jaksel",),
        "3175": ("jaktim",),
        "3372": ("solo",),
        "3471": ("jogja", "jogjakarta", "yogya"),
        "3674": ("tangsel",),
        "7107": ("mitra",),
        "7109": ("sitaro",),
        "7310": ("pangkep",),
    }
)
