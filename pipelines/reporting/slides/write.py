"""Write the presentation as PPTX: real titles and tables, pictures with alternative text; deterministic."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from dataclasses import replace
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from pipelines.catalog.vocabulary import LANGUAGES

from ..figures import palette
from ..language.phrases import Phrases
from ..model import Cell
from . import fit
from .model import MOST, Deck, Grid, Picture, Slide
from .picture import aspect, png

WIDE, HIGH, EDGE = 13.333, 7.5, 0.5
ROOM = WIDE - 2 * EDGE
TITLE_TOP, TITLE_SIZES, TITLE_HIGH = 0.3, (26.0, 22.0, 19.0), 0.85
LEAD, NOTE, FOOT = 15.0, 11.0, 10.0
FOOT_TOP, GAP = 6.86, 0.16
SHARE = 0.46  # share of the width for one picture beside a table
FONT = "Arial"
EPOCH = (1980, 1, 1, 0, 0, 0)
ONLY_TITLE = 5  # layout of python-pptx's template with only a title


def presentation(deck: Deck, created: dt.date) -> bytes:
    """Return the file of a deck, dated `created`.

    Raises:
        ValueError: more than twelve slides, a programming error.
    """
    slides = [page for slide in deck.slides for page in laid_out(slide, deck.lang)]
    if len(slides) > MOST:
        raise ValueError(f"{len(slides)} slides, {MOST} at most")
    made = Presentation()
    made.slide_width, made.slide_height = Inches(WIDE), Inches(HIGH)
    layout = made.slide_layouts[ONLY_TITLE]
    for shape in list(layout.placeholders):
        if shape.placeholder_format.type is not None and shape.placeholder_format.idx >= 10:
            shape._element.getparent().remove(shape._element)
    for number, slide in enumerate(slides, 1):
        _Writer(made.slides.add_slide(layout), deck, f"{number}/{len(slides)}").write(slide)
    stamp = dt.datetime(created.year, created.month, created.day)
    about = made.core_properties
    about.title, about.subject, about.author = deck.title, deck.subtitle, "titik-rawan"
    about.last_modified_by, about.language = "titik-rawan", LANGUAGES[deck.lang].locale
    about.created = about.modified = stamp
    about.revision = 1
    buffer = io.BytesIO()
    made.save(buffer)
    return _same_every_time(buffer.getvalue())


def _same_every_time(data: bytes) -> bytes:
    """Return the same parts in a fixed order, without timestamps."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(entry, old.read(name))
    return out.getvalue()


def laid_out(slide: Slide, lang: str) -> list[Slide]:
    """Return the slide, or several if its table is long; a note counts rows that did not fit."""
    if slide.grid is None:
        return [slide]
    total, room = _grid_room(slide)
    grids, n_left = fit.pages(slide.grid, total, room, slide.most_pages)
    if n_left:
        say = Phrases(lang)
        slide = replace(slide, notes=(*slide.notes, say("slides.more_rows", n=n_left)))
        total, room = _grid_room(slide)
        grids, n_left = fit.pages(slide.grid, total, room, slide.most_pages)  # type: ignore[arg-type]
        slide = replace(slide, notes=(*slide.notes[:-1], say("slides.more_rows", n=n_left)))
    if len(grids) == 1:
        return [replace(slide, grid=grids[0])]
    return [
        replace(slide, title=f"{slide.title} ({k}/{len(grids)})", grid=grid)
        for k, grid in enumerate(grids, 1)
    ]


def _body_top(slide: Slide) -> float:
    top = TITLE_TOP + TITLE_HIGH + 0.1
    return top + fit.height(slide.lead, ROOM, LEAD) + GAP if slide.lead else top


def _notes_high(slide: Slide) -> float:
    return sum(fit.height(note, ROOM, NOTE) for note in slide.notes) + (GAP if slide.notes else 0.0)


def _grid_room(slide: Slide) -> tuple[float, float]:
    """Return the width and height left for the table."""
    free = FOOT_TOP - _body_top(slide) - _notes_high(slide) - GAP
    if len(slide.pictures) == 1:
        return ROOM * (1 - SHARE) - GAP, free
    return ROOM, free * (0.42 if slide.pictures else 1.0)


def _rgb(colour: str) -> Any:
    """Return `#1f5f8b` in the form the library needs."""
    made: Any = RGBColor
    return made(*bytes.fromhex(colour[1:]))


def _lines_around(cell: Any) -> None:
    """Draw a thin line above and below a cell, instead of the template's coloured bands."""
    properties = cell._tc.get_or_add_tcPr()
    for side in ("a:lnB", "a:lnT"):  # inserted in front: borders, then the fill
        line = properties.makeelement(qn(side), {"w": "9525"})
        fill = line.makeelement(qn("a:solidFill"), {})
        fill.append(fill.makeelement(qn("a:srgbClr"), {"val": palette.WINDOW[1:].upper()}))
        line.append(fill)
        properties.insert(0, line)


class _Writer:
    """Fills one slide."""

    def __init__(self, page: Any, deck: Deck, number: str) -> None:
        self.page, self.deck, self.number = page, deck, number
        self.locale = LANGUAGES[deck.lang].locale.replace("_", "-")

    def write(self, slide: Slide) -> None:
        self._title(slide.title)
        top = _body_top(slide)
        if slide.lead:
            self._text(slide.lead, TITLE_TOP + TITLE_HIGH + 0.1, LEAD)
        bottom = FOOT_TOP - _notes_high(slide) - GAP
        if slide.grid:
            total, room = _grid_room(slide)
            left = WIDE - EDGE - total
            high = self._grid(slide.grid, left, top, total, room)
            if len(slide.pictures) == 1:
                self._picture(slide.pictures[0], EDGE, top, ROOM * SHARE - GAP, bottom - top)
            elif slide.pictures:
                self._row(slide.pictures, top + high + GAP, bottom)
        else:
            self._row(slide.pictures, top, bottom)
        at = bottom + GAP
        for note in slide.notes:
            at += self._text(note, at, NOTE, palette.MUTED)
        self._foot(slide.foot)

    def _title(self, text: str) -> None:
        box = self.page.shapes.title
        box.left, box.top = Inches(EDGE), Inches(TITLE_TOP)
        box.width, box.height = Inches(ROOM), Inches(TITLE_HIGH)
        size = next(
            (s for s in TITLE_SIZES if fit.height(text, ROOM, s, True) <= TITLE_HIGH), TITLE_SIZES[-1]
        )
        self._fill(box.text_frame, text, size, is_bold=True)
        box.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE

    def _text(self, text: str, top: float, size: float, colour: str = palette.INK) -> float:
        high = fit.height(text, ROOM, size)
        box = self.page.shapes.add_textbox(Inches(EDGE), Inches(top), Inches(ROOM), Inches(high))
        self._fill(box.text_frame, text, size, colour)
        return high

    def _foot(self, text: str) -> None:
        line = self.page.shapes.add_connector(
            1, Inches(EDGE), Inches(FOOT_TOP), Inches(WIDE - EDGE), Inches(FOOT_TOP)
        )
        line.line.color.rgb, line.line.width = _rgb(palette.RULE), Pt(0.75)
        wide = ROOM - 0.7
        box = self.page.shapes.add_textbox(Inches(EDGE), Inches(FOOT_TOP + 0.04), Inches(wide), Inches(0.5))
        said = f"{self.deck.banner} {text}" if self.deck.banner else text
        self._fill(box.text_frame, said, FOOT, palette.MUTED)
        at = self.page.shapes.add_textbox(
            Inches(WIDE - EDGE - 0.7), Inches(FOOT_TOP + 0.04), Inches(0.7), Inches(0.3)
        )
        self._fill(at.text_frame, self.number, FOOT, palette.MUTED, align=PP_ALIGN.RIGHT)

    def _row(self, pictures: tuple[Picture, ...], top: float, bottom: float) -> None:
        if not pictures:
            return
        each = (ROOM - GAP * (len(pictures) - 1)) / len(pictures)
        for k, picture in enumerate(pictures):
            self._picture(picture, EDGE + k * (each + GAP), top, each, bottom - top)

    def _picture(self, picture: Picture, left: float, top: float, wide: float, high: float) -> None:
        """Place a picture as large as the box allows, centred."""
        ratio = aspect(picture.svg)
        across = min(wide, high * ratio)
        down = across / ratio
        made = self.page.shapes.add_picture(
            io.BytesIO(png(picture.svg)),
            Inches(left + (wide - across) / 2),
            Inches(top),
            Inches(across),
            Inches(down),
        )
        made._element.nvPicPr.cNvPr.set("descr", picture.alt)

    def _grid(self, grid: Grid, left: float, top: float, total: float, room: float) -> float:
        """Place the table; returns its height."""
        size = fit.best_size(grid, total, room) or fit.SIZES[-1]
        heights = fit.row_heights(grid, total, size)
        frame = self.page.shapes.add_table(
            len(heights), len(grid.columns), Inches(left), Inches(top), Inches(total), Inches(sum(heights))
        )
        frame._element.nvGraphicFramePr.cNvPr.set("descr", grid.alt)
        table = frame.table
        table.horz_banding = False
        for column, wide in zip(table.columns, fit.widths(grid.columns, total), strict=True):
            column.width = Inches(wide)
        for row, high in zip(table.rows, heights, strict=True):
            row.height = Inches(high)
        for k, column in enumerate(grid.columns):
            self._cell(table.cell(0, k), Cell(column.title, tone="strong"), size, column.align == "end", True)
        for r, row in enumerate(grid.rows, 1):
            for k, cell in enumerate(row):
                self._cell(table.cell(r, k), cell, size, grid.columns[k].align == "end")
        return sum(heights)

    def _cell(self, place: Any, cell: Cell, size: float, is_end: bool, is_head: bool = False) -> None:
        place.margin_left = place.margin_right = Inches(fit.PAD_X)
        place.margin_top = place.margin_bottom = Inches(fit.PAD_Y)
        place.vertical_anchor = MSO_ANCHOR.TOP
        place.fill.solid()
        ground = palette.PALE if is_head else palette.EMPTY if cell.tone == "no_data" else palette.PAPER
        place.fill.fore_color.rgb = _rgb(ground)
        colour = {"no_data": palette.MUTED, "muted": palette.MUTED, "alert": "#9c3c07"}.get(
            cell.tone, palette.INK
        )
        align = PP_ALIGN.RIGHT if is_end else PP_ALIGN.LEFT
        _lines_around(place)
        self._fill(
            place.text_frame,
            cell.text,
            size,
            colour,
            cell.tone in ("strong", "alert"),
            align,
            keep_margins=True,
        )

    def _fill(
        self,
        frame: Any,
        text: str,
        size: float,
        colour: str = palette.INK,
        is_bold: bool = False,
        align: Any = PP_ALIGN.LEFT,
        keep_margins: bool = False,
    ) -> None:
        frame.word_wrap = True
        if not keep_margins:
            frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = Emu(0)
        paragraph = frame.paragraphs[0]
        paragraph.alignment = align
        run = paragraph.add_run()
        run.text = text
        run.font.size, run.font.bold, run.font.name = Pt(size), is_bold, FONT
        run.font.color.rgb = _rgb(colour)
        run._r.get_or_add_rPr().set("lang", self.locale)
