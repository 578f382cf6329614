"""What can be wrong with a place, in two languages and without anything secret."""

from __future__ import annotations

import os

_MESSAGES = {
    "absent": {
        "en": "The place {address} is not there. Create its bucket or folder, or name another one with --place.",
        "id": "Tempat {address} tidak ada. Buat dahulu bucket atau foldernya, atau sebutkan tempat lain dengan "
        "--place.",
    },
    "refused": {
        "en": "The place {address} refuses access. Check the credentials on this machine and on every worker, and "
        "whether they allow listing, reading, writing and deleting there.",
        "id": "Akses ke tempat {address} ditolak. Periksa kredensial di mesin ini dan di setiap mesin pekerja, serta "
        "izinnya untuk melihat daftar, membaca, menulis, dan menghapus di sana.",
    },
    "library": {
        "en": "The place {address} needs a library of fsspec that is not installed; for s3:// install titik-rawan "
        "with the extra [cluster].",
        "id": "Tempat {address} memerlukan pustaka fsspec yang belum terpasang; untuk s3:// pasang titik-rawan dengan "
        "tambahan [cluster].",
    },
    "address": {
        "en": "{address} cannot be a place: its form is wrong or its protocol is unknown ({detail}).",
        "id": "{address} tidak dapat dipakai sebagai tempat: bentuknya salah atau protokolnya tidak dikenal "
        "({detail}).",
    },
    "failed": {
        "en": "The place {address} does not work ({detail}). Check its address, the network, the server and its free "
        "space. Parts that are already there are used by the next run.",
        "id": "Tempat {address} tidak berfungsi ({detail}). Periksa alamat, jaringan, server, dan ruang kosongnya. "
        "Bagian yang sudah ada di sana dipakai oleh proses berikutnya.",
    },
}
USAGE, ENVIRONMENT = 2, 3


class PlaceError(Exception):
    """A place is absent, refuses access or does not work; `message` says so in two languages.

    Args:
        kind: which message. address: where, without secrets. detail: name of what was raised, or the system's words.
    """

    def __init__(self, kind: str, address: str, detail: str) -> None:
        super().__init__(kind, address, detail)  # all of them, so that it comes back whole from a worker
        self.kind = kind
        self.message = {
            lang: text.format(address=address, detail=detail) for lang, text in _MESSAGES[kind].items()
        }
        self.exit_code = USAGE if kind == "address" else ENVIRONMENT

    def __str__(self) -> str:
        return self.message["en"]

    @classmethod
    def of(cls, error: Exception, address: str) -> PlaceError:
        """What an exception of a library means; its own words are left out, since they may quote a request."""
        name = type(error).__name__
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            kind = "absent"
        elif isinstance(error, PermissionError) or "Credential" in name:
            kind = "refused"
        elif isinstance(error, ImportError):
            kind = "library"
        elif isinstance(error, ValueError) or "ParamValidation" in name:
            kind = "address"
        else:
            kind = "failed"
        number = error.errno if isinstance(error, OSError) else None
        return cls(kind, address, f"{name}: {os.strerror(number)}" if number else name)
