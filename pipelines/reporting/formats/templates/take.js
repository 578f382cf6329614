"use strict";
(() => {
  // Drawings of a page go out as PNG, tables and the map as CSV, each with the line that says what it rests on.
  const said = document.querySelector("main").dataset, WIDE = 1200;
  if (!said.png) return;
  const plain = (element) => element.textContent.replace(/\s+/g, " ").trim();
  const before = (element) => {
    while (element && !element.matches("h2, h3")) element = element.previousElementSibling ?? element.parentElement;
    return element ? plain(element) : document.title;
  };
  const save = (blob, title, kind) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `titik-rawan-${said.code}-${title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60)}.${kind}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 9000);
  };
  const offer = (place, kind, title, take) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = kind.toUpperCase();
    button.setAttribute("aria-label", `${said[kind]}: ${title}`);
    button.addEventListener("click", take);
    place.append(button);
  };
  const bar = (element) => {
    const place = document.createElement("p");
    place.className = "take";
    element.after(place);
    return place;
  };

  // A cell that a spreadsheet would take for a formula begins with an apostrophe.
  const cell = (text) => `"${text.replace(/^[=+\-@\t]/, "'$&").replace(/"/g, '""')}"`;
  const csv = (title, rows, notes) => {
    const lines = [...rows, ...notes.map((note) => [note]), [`${title}. ${document.title}. ${said.source}`]];
    save(new Blob(["\ufeff", lines.map((row) => row.map(cell).join(",")).join("\r\n"), "\r\n"], { type: "text/csv" }), title, "csv");
  };
  const rowsOf = (table) => {
    const isGrouped = !!table.querySelector(".group");
    const rows = [[...(isGrouped ? [""] : []), ...[...table.tHead.rows[0].cells].map(plain)]];
    for (const body of table.tBodies) {
      const heading = body.querySelector(".group");
      for (const row of body.querySelectorAll("tr:not(.group):not([hidden])")) {
        rows.push([...(isGrouped ? [heading ? plain(heading) : ""] : []), ...[...row.cells].map(plain)]);
      }
    }
    return rows;
  };

  const drawn = (svg) => new Promise((done) => {
    const box = svg.viewBox.baseVal, copy = svg.cloneNode(true), image = new Image();
    copy.setAttribute("width", WIDE);
    copy.setAttribute("height", Math.round(WIDE * box.height / box.width));
    copy.style.fontFamily = "sans-serif";
    image.onload = () => done(image);
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  });
  const wrapped = (pen, text) => {
    const lines = [""];
    for (const word of text.split(" ")) {
      const longer = `${lines.at(-1)} ${word}`.trim();
      if (pen.measureText(longer).width > WIDE - 32) lines.push(word);
      else lines[lines.length - 1] = longer;
    }
    return lines;
  };
  const png = async (figure, title, notes) => {
    const images = await Promise.all([...figure.querySelectorAll("svg")].map(drawn));
    const canvas = document.createElement("canvas"), pen = canvas.getContext("2d"), font = "20px sans-serif";
    const key = [...figure.querySelectorAll(".key-item")].map((item) => [getComputedStyle(item.querySelector("i")), plain(item)]);
    pen.font = font;
    const lines = [...notes, `${document.title}. ${said.source}`].flatMap((text) => wrapped(pen, text));
    canvas.width = WIDE;
    canvas.height = images.reduce((sum, image) => sum + image.height, 56 + (key.length ? 40 : 0) + lines.length * 28 + 16);
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = "#1d2730";
    pen.font = "bold 26px sans-serif";
    pen.fillText(title, 16, 36, WIDE - 32);
    let y = 56, x = 16;
    for (const image of images) {
      pen.drawImage(image, 0, y, WIDE, image.height);
      y += image.height;
    }
    pen.font = font;
    for (const [look, text] of key) {
      pen.fillStyle = look.backgroundImage === "none" ? look.backgroundColor : "#d5dbe1";
      pen.strokeStyle = look.borderTopColor;
      pen.fillRect(x, y + 8, 22, 22);
      pen.strokeRect(x, y + 8, 22, 22);
      pen.fillStyle = "#1d2730";
      pen.fillText(text, x + 30, y + 26);
      x += 58 + pen.measureText(text).width;
    }
    y += key.length ? 40 : 0;
    lines.forEach((text, at) => pen.fillText(text, 16, y + 24 + at * 28));
    canvas.toBlob((blob) => save(blob, title, "png"), "image/png");
  };

  for (const figure of document.querySelectorAll("figure")) {
    const isMap = figure.matches(".tiles"), place = bar(figure);
    const title = isMap ? plain(figure.querySelector("h2")) : before(figure);
    const notes = [...figure.querySelectorAll("figcaption.line, figcaption .note")].map(plain);
    if (isMap) figure.append(place);
    offer(place, "png", title, () => png(figure, title, notes));
    if (!isMap) continue;
    offer(place, "csv", title, () => {
      const rows = [...figure.querySelectorAll("svg title")].map((one) => one.textContent.split(/: (.*)/s).slice(0, 2));
      csv(title, rows, notes);
    });
  }
  for (const scroll of document.querySelectorAll(".scroll")) {
    const title = before(scroll), table = scroll.querySelector("table");
    offer(bar(scroll), "csv", title, () => csv(title, rowsOf(table), []));
  }
})();
