"""Options and words of `python -m flows.deploy`, in Indonesian and English."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from flows.schedules import SCHEDULES

WORDS: dict[str, dict[str, str]] = {
    "id": {
        "about": "Menjalankan jadwal pembaruan gudang data dan laporan (flows/schedules.yaml, waktu Jakarta).",
        "examples": """contoh:
  python -m flows.deploy                            jalankan jadwal sampai dihentikan (Ctrl+C)
  python -m flows.deploy --check                    hanya periksa dan tampilkan jadwal
  python -m flows.deploy --port 4300                halaman Prefect di http://127.0.0.1:4300
  python -m flows.deploy --work-pool titik-rawan    daftarkan untuk worker, lihat prefect.yaml

Tanpa PREFECT_API_URL, server Prefect di komputer ini dipakai; bila belum ada, dijalankan selama program ini hidup.
Pemberitahuan (webhook, surel) diatur lewat lingkungan: lihat flows/notify.py.""",
        "options": "pilihan",
        "help": "tampilkan bantuan ini",
        "lang": "bahasa: id (bawaan) atau en",
        "schedules": "berkas jadwal (bawaan: %(default)s)",
        "check": "periksa dan tampilkan jadwal, lalu selesai",
        "port": "porta server Prefect di komputer ini (bawaan: %(default)s)",
        "work_pool": "daftarkan jadwal untuk work pool ini, lalu selesai",
        "active": "aktif",
        "inactive": "tidak aktif",
        "serving": "Server Prefect: {address}",
        "registered": "Terdaftar untuk work pool {pool}.",
    },
    "en": {
        "about": "Runs the schedules that refresh the warehouse and the reports (flows/schedules.yaml, Jakarta time).",
        "examples": """examples:
  python -m flows.deploy --lang en                  run the schedules until stopped (Ctrl+C)
  python -m flows.deploy --lang en --check          only check and show the schedules
  python -m flows.deploy --port 4300                Prefect's pages at http://127.0.0.1:4300
  python -m flows.deploy --work-pool titik-rawan    register for workers, see prefect.yaml

Without PREFECT_API_URL the Prefect server of this machine is used; if there is none, one runs as long as this program.
Notices (webhook, e-mail) are set in the environment: see flows/notify.py.""",
        "options": "options",
        "help": "show this help",
        "lang": "language: id (default) or en",
        "schedules": "file of schedules (default: %(default)s)",
        "check": "check and show the schedules, then stop",
        "port": "port of the Prefect server on this machine (default: %(default)s)",
        "work_pool": "register the schedules for this work pool, then stop",
        "active": "active",
        "inactive": "inactive",
        "serving": "Prefect server: {address}",
        "registered": "Registered for work pool {pool}.",
    },
}


def parse(arguments: Sequence[str]) -> tuple[argparse.Namespace, Mapping[str, str]]:
    """Options and the words of the chosen language; leaves the program with code 2 on wrong usage."""
    first = argparse.ArgumentParser(add_help=False)
    first.add_argument("--lang", choices=sorted(WORDS), default="id")
    say = WORDS[first.parse_known_args(arguments)[0].lang]
    parser = argparse.ArgumentParser(
        prog="python -m flows.deploy",
        description=say["about"],
        epilog=say["examples"],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
    )
    group = parser.add_argument_group(say["options"])
    group.add_argument("-h", "--help", action="help", help=say["help"])
    group.add_argument("--lang", choices=sorted(WORDS), default="id", help=say["lang"])
    group.add_argument("--schedules", type=Path, default=SCHEDULES, metavar="FILE", help=say["schedules"])
    group.add_argument("--check", action="store_true", help=say["check"])
    group.add_argument("--port", type=int, default=4200, help=say["port"])
    group.add_argument("--work-pool", metavar="NAME", help=say["work_pool"])
    return parser.parse_args(arguments), say
