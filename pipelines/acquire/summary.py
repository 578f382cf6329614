"""What a download did: counts that add up over areas, and the addresses that are still owed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from .versions import OUTCOMES

MOST_EXAMPLES = 20


@dataclass
class Summary:
    """Filled in while the download runs, hence not frozen; small enough to travel between machines.

    Attributes:
        results: polling stations by outcome (`versions.OUTCOMES`), summed over contests.
        lists: lists of areas by outcome.
        areas: regencies gone through now; `areas_skipped`: finished before the interruption.
        villages: villages finished now; `skipped`: finished before the interruption.
        changes: rows in the tables of changes of these areas.
        failures: up to 20 examples, "path: reason"; `n_failures`: all of them.
        odd: entries of area lists that were not followed, up to 20 examples.
    """

    results: Counter[str] = field(default_factory=Counter)
    lists: Counter[str] = field(default_factory=Counter)
    areas: int = 0
    areas_skipped: int = 0
    villages: int = 0
    skipped: int = 0
    changes: int = 0
    n_failures: int = 0
    failures: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        return self.n_failures == 0

    def fail(self, path: str, reason: str) -> None:
        self.n_failures += 1
        self.failures = [*self.failures, f"{path}: {reason}"][:MOST_EXAMPLES]

    def add(self, other: Summary) -> None:
        """Take in another area's summary."""
        self.results += other.results
        self.lists += other.lists
        for name in ("areas", "areas_skipped", "villages", "skipped", "changes", "n_failures"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.failures = [*self.failures, *other.failures][:MOST_EXAMPLES]
        self.odd = [*self.odd, *other.odd][:MOST_EXAMPLES]

    def facts(self) -> dict[str, int]:
        """Numbers only, for a table or a log."""
        return {
            "areas": self.areas,
            "areas_skipped": self.areas_skipped,
            "villages": self.villages,
            "skipped": self.skipped,
            **{outcome: self.results[outcome] for outcome in OUTCOMES},
            "changes": self.changes,
            "failures": self.n_failures,
        }


_WORDS = {
    "id": {
        "areas": "Kab/kota diperiksa: {areas} (selesai sebelumnya: {areas_skipped}); "
        "desa/kelurahan: {villages} (selesai sebelumnya: {skipped})",
        "results": "Hasil TPS: baru {new}, muncul kemudian {appeared}, berubah {changed}, tetap {unchanged}, "
        "tidak ada {absent}, ditarik {withdrawn}, gagal {failed}",
        "changes": "Isian yang berubah setelah terbit: {changes}",
        "odd": "Butir daftar wilayah yang tidak diikuti: {odd}",
        "failure": "  gagal {text}",
        "again": "{failures} alamat belum terjawab. Jalankan perintah yang sama lagi: hanya yang kurang yang diminta.",
        "done": "Lengkap.",
    },
    "en": {
        "areas": "Regencies gone through: {areas} (finished before: {areas_skipped}); "
        "villages: {villages} (finished before: {skipped})",
        "results": "Results of polling stations: new {new}, appeared later {appeared}, changed {changed}, "
        "unchanged {unchanged}, absent {absent}, withdrawn {withdrawn}, failed {failed}",
        "changes": "Figures changed after publication: {changes}",
        "odd": "Entries of area lists not followed: {odd}",
        "failure": "  failed {text}",
        "again": "{failures} addresses are still owed. Run the same command again: only what is missing is asked for.",
        "done": "Complete.",
    },
}


def lines(summary: Summary, lang: str) -> list[str]:
    """The summary as sentences, Indonesian (`id`) or English (`en`)."""
    say, facts = _WORDS[lang], summary.facts()
    text = [say["areas"].format(**facts), say["results"].format(**facts), say["changes"].format(**facts)]
    if summary.odd:
        text.append(say["odd"].format(odd=", ".join(summary.odd)))
    text += [say["failure"].format(text=failure) for failure in summary.failures]
    text.append(say["done" if summary.is_complete else "again"].format(**facts))
    return text
