"use strict";
(() => {
  const box = document.getElementById("search"), field = document.getElementById("q"), told = document.getElementById("told");
  const nation = document.getElementById("nation"), map = document.getElementById("map"), areas = document.getElementById("areas");
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const groups = [...document.querySelectorAll("details.group")].map((element, place) => ({
    element, place, wasOpen: element.open, words: plain(element.querySelector("h3").textContent),
  }));
  const rows = groups.flatMap((group) => [...group.element.querySelectorAll("tbody tr")].map((element) => {
    const name = plain(element.querySelector("th").firstChild.textContent);
    const bare = name.filter((word) => !/^(kabupaten|kota|administrasi)$/.test(word));
    const also = (element.dataset.also ?? "").split(" ");
    // Links of files say whose file they are; written here, since five hundred rows would carry it otherwise.
    for (const file of element.cells[element.cells.length - 1].querySelectorAll("a:not([hreflang])"))
      if (/\.(pdf|xlsx|html)$/.test(file.getAttribute("href")) && element.querySelector("th a")) file.ariaLabel = `${file.textContent}: ${element.querySelector("th").firstChild.textContent}`;
    return { element, group, name, bare, also, code: element.id.slice(1), link: element.querySelector("a") };
  }));
  // Short names that are declared: who types one means that place, whatever else its letters fit.
  const short = new Set(rows.flatMap((row) => row.also).filter(Boolean));
  for (const group of groups) group.also = rows.find((row) => row.group === group && row.code.length === 2)?.also ?? [];

  // `jakpus`: beginnings of words that follow each other, put together.
  const pieces = (token, words, at) => {
    if (!token) return true;
    if (at >= words.length) return false;
    for (let n = Math.min(token.length, words[at].length); n > 0; n--)
      if (words[at].startsWith(token.slice(0, n)) && pieces(token.slice(n), words, at + 1)) return true;
    return false;
  };
  const inWords = (token, words, also) => (token.length > 1 && also.some((name) => name.startsWith(token)))
    || words.some((word, at) => word.startsWith(token) || (token.length > 1 && !short.has(token) && pieces(token, words, at)));
  const inOrder = (token, letters) => {
    let at = -1;
    return [...token].every((letter) => (at = letters.indexOf(letter, at + 1)) >= 0);
  };
  const isOwn = (row, token) => row.code.startsWith(token) || inWords(token, row.name, row.also);
  const exact = (row, tokens) => tokens.every((token) => isOwn(row, token));
  // `cianjur jawa barat`: some words may name the province.
  const withProvince = (row, tokens) => tokens.some((token) => isOwn(row, token))
    && tokens.every((token) => isOwn(row, token) || inWords(token, row.group.words, row.group.also));
  const similar = (row, tokens) => tokens.every((token) => token.length > 2 && row.bare.some((word, at) =>
    word[0] === token[0] && inOrder(token, row.bare.slice(at).join(""))));
  const rank = (row, tokens) => row.code === tokens.join("") || row.also.includes(tokens.join("")) ? 0 : row.name.join(" ") === tokens.join(" ") ? 1
    : tokens.every((token) => row.name.includes(token)) ? 2 : tokens.every((token) => row.name.some((word) => word.startsWith(token))) ? 3 : 4;

  let shown = [], best = null;
  const search = () => {
    const tokens = plain(field.value), isAsked = tokens.length > 0;
    let hits = rows.filter((row) => exact(row, tokens)), isExact = true;
    if (!hits.length) hits = rows.filter((row) => withProvince(row, tokens));
    if (isAsked && !hits.length) {
      hits = rows.filter((row) => similar(row, tokens));
      isExact = false;
    }
    const chosen = new Set(hits);
    for (const row of rows) row.element.hidden = isAsked && !chosen.has(row);
    for (const group of groups) {
      const hasHit = hits.some((row) => row.group === group);
      group.element.hidden = isAsked && !hasHit;
      group.element.open = isAsked ? hasHit : group.wasOpen;
    }
    if (nation) nation.hidden = isAsked;
    if (map) map.hidden = isAsked;
    areas.classList.toggle("asked", isAsked);
    best?.element.classList.remove("best");
    best = isAsked ? hits.reduce((a, b) => (a && rank(a, tokens) <= rank(b, tokens) ? a : b), null) : null;
    best?.element.classList.add("best");
    shown = (isAsked ? hits : []).map((row) => row.link).filter(Boolean);
    const words = isExact ? [box.dataset.one, box.dataset.more] : [box.dataset.similarOne, box.dataset.similar];
    told.textContent = !isAsked ? "" : !hits.length ? box.dataset.none : words[hits.length === 1 ? 0 : 1].replace("{n}", hits.length);
  };

  const move = (step) => {
    const at = shown.indexOf(document.activeElement);
    if (at < 0 && step < 0) return;
    (shown[at + step] ?? (step < 0 ? field : shown[at])).focus();
  };
  document.addEventListener("keydown", (event) => {
    const isField = document.activeElement === field;
    if (!isField && !shown.includes(document.activeElement)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      field.value = "";
      search();
      field.focus();
    } else if (event.key === "Enter" && isField && best?.link) {
      event.preventDefault();
      best.link.click();
    }
  });
  field.addEventListener("input", search);
  box.hidden = false;
  if (field.value) search();
})();
