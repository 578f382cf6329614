"use strict";
(() => {
  // Long tables: a click on a heading sorts the rows of each group; without a value come last, whatever the direction.
  const { compare } = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const isBlank = (cell) => cell.matches(".no-data, .blank") || cell.textContent.trim() === "";
  const key = (cell) => cell.dataset.v ?? cell.textContent.trim();
  const order = (a, b) => (a === "" || b === "" || isNaN(a) || isNaN(b) ? compare(a, b) : a - b);

  for (const table of document.querySelectorAll("table.wide")) {
    const heads = [...table.tHead.rows[0].cells];
    const groups = [...table.tBodies].map((body) => [...body.rows].filter((row) => !row.matches(".group")));
    const sort = (at, direction) => {
      groups.forEach((rows, place) => {
        const cell = (row) => row.cells[at];
        const known = rows.filter((row) => !isBlank(cell(row))), rest = rows.filter((row) => isBlank(cell(row)));
        if (direction) known.sort((a, b) => direction * order(key(cell(a)), key(cell(b))));
        table.tBodies[place].append(...(direction ? [...known, ...rest] : rows));
      });
    };
    heads.forEach((head, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      // Numbers begin with the largest, texts with the first; the third click brings the order of the page back.
      const turns = head.matches(".end") ? ["descending", "ascending", ""] : ["ascending", "descending", ""];
      button.addEventListener("click", () => {
        const turn = turns[(turns.indexOf(head.getAttribute("aria-sort") ?? "") + 1) % 3];
        for (const other of heads) other.removeAttribute("aria-sort");
        if (turn) head.setAttribute("aria-sort", turn);
        sort(at, turn === "ascending" ? 1 : turn === "descending" ? -1 : 0);
      });
    });
  }

  // Rows can be chosen by what they have in common; a group without any row left goes with its heading.
  for (const box of document.querySelectorAll(".facets")) {
    const selects = [...box.querySelectorAll("select")], said = box.querySelector("output");
    const table = box.nextElementSibling.querySelector("table");
    const rows = [...table.querySelectorAll("[data-f]")];
    const values = new Map(rows.map((row) => [row, row.dataset.f.trim().split(" ")]));
    const choose = () => {
      const isWanted = (row) => selects.every(({ value }, at) => value === "" || values.get(row)[at] === value);
      for (const row of rows) row.hidden = !isWanted(row);
      for (const body of table.tBodies) body.hidden = !body.querySelector("[data-f]:not([hidden])");
      said.textContent = `${rows.filter((row) => !row.hidden).length} / ${rows.length}`;
    };
    box.addEventListener("change", choose);
    box.hidden = false;
    choose();
  }

  // A box that has nothing to scroll is no stop for the Tab key.
  const boxes = [...document.querySelectorAll(".scroll")];
  const focusable = () => boxes.forEach((box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  });
  addEventListener("resize", focusable);
  focusable();
})();
