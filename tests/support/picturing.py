"""Pages of a PDF as grey pictures, by poppler."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

Grey = NDArray[np.float64]


def program(name: str) -> str:
    """Path of a tool of poppler; skips where it is not installed."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} (poppler-utils) is not installed")
    return found


def pictures(data: bytes, folder: Path, dpi: int = 50, last: int = 0) -> list[Grey]:
    """Each page as (height, width) values 0 = black to 255 = white."""
    path = folder / "seen.pdf"
    path.write_bytes(data)
    upto = ["-l", str(last)] if last else []
    command = [program("pdftoppm"), "-gray", "-r", str(dpi), *upto, str(path), str(folder / "seen")]
    subprocess.run(command, check=True, capture_output=True)
    found = sorted(folder.glob("seen-*.pgm"))
    try:
        return [np.asarray(Image.open(one), dtype=float) for one in found]
    finally:
        for one in found:
            one.unlink()


def coarse(page: Grey, block: int = 4) -> Grey:
    """Means of blocks of pixels: what is left when letters blur, so that antialiasing does not matter."""
    height, width = (size - size % block for size in page.shape)
    blocks = page[:height, :width].reshape(height // block, block, width // block, block)
    return np.asarray(blocks.mean(axis=(1, 3)))
