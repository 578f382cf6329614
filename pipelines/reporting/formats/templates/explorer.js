"use strict";
(() => {
  const block = document.getElementById("data"), form = document.getElementById("explore"), figure = document.getElementById("map");
  if (!block || !form || !figure) return;
  const data = JSON.parse(block.textContent), say = data.say, svg = figure.querySelector("svg"), $ = (id) => document.getElementById(id);
  const FILLS = ["#dbe7f1", "#9cc3de", "#5b97c0", "#1f5f8b"], STEPS = [1, 2, 5, 10], PAGE = 25, space = "http://www.w3.org/2000/svg";
  const written = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, say.separator);
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const make = (name, text, more = {}) => Object.assign(document.createElement(name), text === undefined ? {} : { textContent: text }, more);

  // Areas as the list below names them, and what is known of each: outcome -> election -> [number, at least].
  const areas = new Map([...document.querySelectorAll("#areas tbody tr[id]")].map((row) => {
    const code = row.id.slice(1), link = row.querySelector("th a"), found = {};
    for (const item of (data.known[code] ?? "").split(" ").filter(Boolean)) {
      const [outcome, election, number] = item.split(".");
      (found[outcome] ??= {})[election] = [parseInt(number, 10), number.endsWith("+")];
    }
    const name = (link ?? row.querySelector("th").firstChild).textContent.trim();
    return [code, { code, name, link: link?.getAttribute("href") ?? `#a${code}`, found, province: code.slice(0, 2) }];
  }));
  const tiles = [...svg.querySelectorAll("a[data-area]")].map((link) => {
    const path = link.querySelector("path"), title = document.createElementNS(space, "title");
    path.append(title);
    return { link, path, title, code: link.dataset.area };
  });
  const key = figure.querySelector(".key"), whole = {
    key: key.innerHTML, tiles: new Map(tiles.map((t) => [t, [...["fill", "stroke", "stroke-width"].map((a) => t.path.getAttribute(a)), t.link.getAttribute("aria-label")]])),
  };

  const options = (select, pairs, first) => select.append(...[["", first], ...pairs].map(([value, text]) => make("option", text, { value })));
  const provinces = [...areas.values()].filter((area) => area.code.length === 2 && area.code !== "00");
  options($("xo"), data.outcomes, say.revotes);
  options($("xe"), data.elections, say.all);
  options($("xp"), provinces.map((area) => [area.code, area.name]), say.everywhere);
  options($("xc"), data.evidence, say.any);
  for (const id of ["xa", "xb"]) {
    options($(id), [], say.nobody);
    for (const top of [...areas.values()].filter((area) => area.code.length === 2)) {
      const group = make("optgroup", undefined, { label: top.name });
      group.append(...[...areas.values()].filter((one) => one.province === top.code && one.code.length < 5)
        .map((one) => make("option", one.name, { value: one.code })));
      $(id).append(group);
    }
  }

  // What an area has of the outcomes and elections that are asked for: sum, at least, number of elections; null = not known.
  const kinds = (outcome) => outcome === "" ? [...Array(data.revotes).keys()] : [data.outcomes.findIndex(([code]) => code === outcome)];
  const amount = (area, outcome, election) => {
    const at = election === "" ? null : data.elections.findIndex(([code]) => code === election);
    let n = 0, least = false, isKnown = false;
    const times = new Set();
    for (const kind of kinds(outcome)) for (const [e, [number, isLeast]] of Object.entries(area.found[kind] ?? {})) {
      if (at !== null && +e !== at) continue;
      // Zeros of one kind say nothing of the others: the sum of re-votes is zero where that of PSU is.
      if (number || kind === kinds(outcome)[0]) isKnown = true;
      if (number) times.add(e);
      n += number;
      least ||= isLeast;
    }
    return isKnown ? { n, least, times: times.size } : null;
  };
  const told = (found) => found === null ? say.unknown : found.n ? `${found.least ? "≥ " : ""}${written(found.n)}` : say.none;

  const state = () => Object.fromEntries([...form.querySelectorAll("select")].map((one) => [one.id, one.value]));
  const fits = (area, s) => (!s.xp || area.province === s.xp) && (!s.xc || data.evidence[data.class[area.code]]?.[0] === s.xc);
  const asked = (s) => [s.xo ? $("xo").selectedOptions[0].text : say.revotes, s.xe ? $("xe").selectedOptions[0].text : say.all,
    s.xp ? $("xp").selectedOptions[0].text : say.everywhere, ...(s.xc ? [$("xc").selectedOptions[0].text] : [])].join(" · ");

  const paint = (s) => {
    const isWhole = !s.xo && !s.xe;
    for (const tile of tiles) {
      const area = areas.get(tile.code), [fill, stroke, width, label] = whole.tiles.get(tile);
      const found = area && amount(area, s.xo, s.xe);
      const step = found?.n ? (s.xe ? STEPS.filter((least) => found.n >= least).length : Math.min(found.times, 4)) : 0;
      const set = isWhole || !area ? [fill, stroke, width] : step ? [FILLS[step - 1], "#ffffff", "1.0"]
        : found ? ["#ffffff", "#56626e", "1.2"] : ["url(#hatch)", "#c9d3dc", "0.8"];
      ["fill", "stroke", "stroke-width"].forEach((name, k) => tile.path.setAttribute(name, set[k]));
      const text = isWhole || !area ? label : `${area.name}: ${told(found)}`;
      tile.link.setAttribute("aria-label", text);
      tile.title.textContent = text;
      tile.link.classList.toggle("off", !!area && !fits(area, s));
      tile.link.classList.toggle("on", !!area && (s.xa === area.code || s.xb === area.code));
    }
    if (isWhole) key.innerHTML = whole.key;
    else {
      const texts = s.xe ? ["1", "2–4", "5–9", "≥ 10"] : [say.once, ...[2, 3, "≥ 4"].map((n) => filled(say.elections, { n }))];
      key.replaceChildren(...[...texts.map((text, k) => [`s${k + 1}`, text]), ["none", say.none], ["unknown", say.unknown]].map(([name, text]) => {
        const item = make("span", undefined, { className: "key-item" });
        item.append(make("i", undefined, { className: `swatch ${name}`, ariaHidden: "true" }), text);
        return item;
      }));
    }
  };

  const found = (s) => [...areas.values()].filter((area) => area.code.length === 4 && fits(area, s))
    .map((area) => ({ area, ...(amount(area, s.xo, s.xe) ?? { n: 0 }) })).filter((one) => one.n)
    .sort((a, b) => (s.xe ? 0 : b.times - a.times) || b.n - a.n || (a.area.code < b.area.code ? -1 : 1));
  let nShown = PAGE;
  const list = (s) => {
    const rows = found(s), body = $("xt").tBodies[0];
    body.replaceChildren(...rows.slice(0, nShown).map(({ area, n, least, times }) => {
      const row = make("tr"), head = make("th", undefined, { scope: "row" });
      head.append(make("a", area.name, { href: area.link }));
      row.append(head, make("td", areas.get(area.province)?.name ?? ""), make("td", `${least ? "≥ " : ""}${written(n)}`), make("td", String(times)));
      return row;
    }));
    $("xt").hidden = !rows.length;
    $("xm").hidden = rows.length <= nShown;
    $("xs").textContent = rows.length ? filled(say.shown, { n: written(rows.length), what: asked(s) }) : filled(say.nothing, { what: asked(s) });
  };

  const compare = (s) => {
    const pair = [areas.get(s.xa), areas.get(s.xb)], table = $("xv");
    table.hidden = !(pair[0] && pair[1]);
    if (table.hidden) return;
    table.caption.textContent = filled(say.versus, { a: pair[0].name, b: pair[1].name });
    const head = make("tr");
    head.append(make("th", say.election, { scope: "col" }), make("th", say.outcome, { scope: "col" }), ...pair.map((area) => {
      const cell = make("th", undefined, { scope: "col" });
      cell.append(make("a", area.name, { href: area.link }));
      return cell;
    }));
    table.tHead.replaceChildren(head);
    const lines = [];
    for (const [election, name] of [...data.elections].reverse()) for (const [outcome, label] of data.outcomes) {
      const values = pair.map((area) => amount(area, outcome, election));
      if (values.some((value) => value !== null)) lines.push([name, label, ...values.map(told)]);
    }
    const classes = pair.map((area) => data.evidence[data.class[area.code]]?.[1] ?? "–");
    table.tBodies[0].replaceChildren(...[...lines, [say.evidence, "", ...classes]].map((cells) => {
      const row = make("tr");
      row.append(...cells.map((text, k) => make(k ? "td" : "th", text, k ? {} : { scope: "row" })));
      return row;
    }));
  };

  // The state is the address: `#psu,pemilu-2024,73,,3171+5206`; what is not asked for stays empty.
  const address = (s) => [s.xo, s.xe, s.xp, s.xc, s.xa || s.xb ? `${s.xa}+${s.xb}` : ""].join(",").replace(/,+$/, "");
  const isState = (hash) => hash.includes(",") || data.outcomes.some(([code]) => code === hash);
  const show = () => {
    const s = state();
    paint(s); list(s); compare(s);
  };
  const read = () => {
    const hash = decodeURIComponent(location.hash.slice(1));
    if (hash && !isState(hash)) return;
    const [xo = "", xe = "", xp = "", xc = "", pair = ""] = hash.split(","), [xa = "", xb = ""] = pair.split("+");
    for (const [id, value] of Object.entries({ xo, xe, xp, xc, xa, xb })) {
      $(id).value = value;
      if ($(id).selectedIndex < 0) $(id).value = "";
    }
    nShown = PAGE;
    show();
  };
  form.addEventListener("change", () => {
    nShown = PAGE;
    history.replaceState(null, "", `#${address(state())}`);
    show();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => form.dispatchEvent(new Event("change"))));
  addEventListener("hashchange", read);
  $("xm").addEventListener("click", () => {
    nShown = Infinity;
    show();
  });

  const save = (blob, name) => {
    const link = make("a", "", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 9000);
  };
  const fileName = (kind) => `titik-rawan-${address(state()).replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "peta"}.${kind}`;
  // A cell that a spreadsheet would take for a formula begins with an apostrophe.
  const cell = (text) => `"${String(text).replace(/^[=+\-@\t]/, "'$&").replace(/"/g, '""')}"`;
  $("xd").addEventListener("click", () => {
    const s = state(), head = [say.code, say.area, say.province, say.number, "≥", say.times];
    const rows = found(s).map(({ area, n, least, times }) => [area.code, area.name, areas.get(area.province)?.name ?? "", n, least ? 1 : 0, times]);
    const lines = [head, ...rows, [asked(s)], [say.source]].map((row) => row.map(cell).join(","));
    save(new Blob(["\ufeff", lines.join("\r\n"), "\r\n"], { type: "text/csv" }), fileName("csv"));
  });
  $("xg").addEventListener("click", () => {
    const copy = svg.cloneNode(true), box = svg.viewBox.baseVal, wide = 1600, high = Math.round(wide * box.height / box.width), foot = 124;
    copy.setAttribute("width", wide);
    copy.setAttribute("height", high);
    copy.querySelectorAll(".off").forEach((one) => one.setAttribute("opacity", "0.25"));
    copy.style.fontFamily = "sans-serif";
    const image = new Image();
    image.onload = () => {
      const canvas = make("canvas", undefined, { width: wide, height: high + foot }), pen = canvas.getContext("2d");
      pen.fillStyle = "#ffffff";
      pen.fillRect(0, 0, wide, high + foot);
      pen.drawImage(image, 0, 0, wide, high);
      pen.fillStyle = "#1d2730";
      pen.font = "bold 26px sans-serif";
      pen.fillText(asked(state()), 16, high + 34, wide - 32);
      pen.font = "20px sans-serif";
      let x = 16;
      for (const item of key.querySelectorAll(".key-item")) {
        const [, name] = item.querySelector("i").className.split(" "), step = /^s\d$/.test(name) ? +name[1] : 0;
        pen.fillStyle = step ? FILLS[step - 1] : name === "unknown" ? "#d5dbe1" : "#ffffff";
        pen.strokeStyle = name === "marked" ? "#b8480b" : "#56626e";
        pen.lineWidth = name === "marked" ? 4 : 1;
        pen.fillRect(x, high + 50, 22, 22);
        pen.strokeRect(x, high + 50, 22, 22);
        pen.fillStyle = "#1d2730";
        pen.fillText(item.textContent.trim(), x + 30, high + 68);
        x += 58 + pen.measureText(item.textContent.trim()).width;
      }
      pen.fillText(say.source, 16, high + 106, wide - 32);
      canvas.toBlob((blob) => save(blob, fileName("png")), "image/png");
    };
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  });
  document.getElementById("q")?.addEventListener("input", (event) => { $("found").hidden = !!event.target.value; });
  form.hidden = $("found").hidden = false;
  if (!location.hash || isState(decodeURIComponent(location.hash.slice(1)))) read();
  else show();
})();
