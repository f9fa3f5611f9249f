"use strict";
// Keys, buttons and messages that all pages share. What is decided goes to the server, which answers with the group as it stands.
const page = {
  cards: () => [...document.querySelectorAll(".card")],
  tiles: (card) => [...card.querySelectorAll(".tile")],
  tile: null,
  waiting: Promise.resolve(),
};

function say(words, wrong = false) {
  const said = document.getElementById("said");
  said.textContent = words;
  said.classList.toggle("wrong", wrong);
  said.hidden = !words;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { said.hidden = true; }, wrong ? 9000 : 3500);
}

async function ask(url, body) {
  let answer;
  try {
    answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  } catch {
    throw new Error("Dejashot does not answer. Is it still running? Nothing was changed.");
  }
  if (answer.status === 401 || answer.status === 403) throw new Error("This page is no longer let in. Run dejashot review for a new link.");
  const said = await answer.json().catch(() => ({ title: `Something went wrong (${answer.status}).`, hint: "Nothing was changed." }));
  if (!answer.ok) throw new Error([said.title, said.hint].filter(Boolean).join(". "));
  return said;
}

// One after the other: what was pressed first is said first.
function decide(url, body, then) {
  page.waiting = page.waiting.then(async () => {
    try {
      const said = await ask(url, body);
      show(said);
      if (then) then(said);
    } catch (error) {
      say(error.message, true);
    }
  });
  return page.waiting;
}

function show(said) {
  const at = page.tile && { card: page.tile.closest("[data-group]")?.dataset.group, content: page.tile.dataset.content };
  const inside = document.activeElement?.closest?.(".tile, .card");
  for (const [id, html] of Object.entries(said.cards ?? {})) {
    const card = document.getElementById("g" + id);
    if (!card) continue;
    if (html) {
      const made = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
      keepPictures(card, made);
      card.replaceWith(made);
    } else {
      card.remove();
    }
  }
  const totals = document.getElementById("totals");
  if (said.totals && totals) totals.outerHTML = said.totals;
  document.querySelectorAll(".panes .pane").forEach((pane) => {
    const word = said.words?.[pane.dataset.content];
    if (word === undefined) return;
    pane.classList.remove("keep", "keep_one", "reject", "suggested", "other");
    if (word) pane.classList.add(word);
    pane.querySelectorAll("[aria-pressed]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.do === word)));
  });
  if (at) {
    const card = document.getElementById("g" + at.card) ?? document;
    const tile = card.querySelector?.(`.tile[data-content="${at.content}"]`) ?? document.querySelector(".tile");
    if (tile) focusOn(tile, Boolean(inside));
  }
  if (said.said) say(said.said);
  document.dispatchEvent(new CustomEvent("shown"));
}

// Pictures that are there already stay: nothing flickers, nothing is asked for twice.
function keepPictures(before, after) {
  const there = new Map([...before.querySelectorAll(".picture img")].map((img) => [img.getAttribute("src"), img]));
  after.querySelectorAll(".picture img").forEach((img) => {
    const same = there.get(img.getAttribute("src"));
    if (same) img.replaceWith(same);
  });
}

function focusOn(tile, really = true) {
  if (page.tile && page.tile !== tile) page.tile.tabIndex = -1;
  page.tile = tile;
  tile.tabIndex = 0;
  if (really) {
    tile.focus({ preventScroll: true });
    tile.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  document.dispatchEvent(new CustomEvent("focused", { detail: tile }));
}

function here() {
  if (!page.tile || !page.tile.isConnected) page.tile = document.querySelector(".tile");
  return page.tile;
}

function groupOf(element) {
  return element?.closest("[data-group]")?.dataset.group;
}

const words = { keep: "keep", keep_one: "keep_one", reject: "reject" };

function act(what, from = here()) {
  const group = groupOf(from);
  if (what === "help") return document.getElementById("help").showModal();
  if (what === "undo") return decide("/undo", {}, (said) => said.reload && location.reload());
  if (!group) return undefined;
  const tile = from.closest(".tile") ?? (from.closest(".card")?.contains(here()) ? here() : from.closest(".card")?.querySelector(".tile"));
  const content = tile?.dataset.content;
  if (what in words) {
    const pressed = tile.classList.contains(what);
    return decide("/decide", { what: "words", group, content, word: pressed ? null : words[what] });
  }
  if (what === "turn") {
    const next = tile.classList.contains("keep") ? "reject" : "keep";
    return decide("/decide", { what: "words", group, content, word: next });
  }
  if (what === "different") return decide("/decide", { what: "different", group, content });
  if (what === "accept" || what === "keep_all") {
    const card = document.getElementById("g" + group);
    const onwards = nextCard(card, 1);
    return decide("/decide", { what, group }, () => { if (onwards?.isConnected) focusOn(page.tiles(onwards)[0]); });
  }
  if (what === "clear") return decide("/decide", { what, group });
  return undefined;
}

function nextCard(card, step) {
  const cards = page.cards();
  return cards[cards.indexOf(card) + step];
}

function move(step) {
  const tile = here();
  if (!tile) return;
  const around = [...(tile.closest(".card, .panes") ?? document).querySelectorAll(".tile")];
  const next = around[around.indexOf(tile) + step];
  if (next) return focusOn(next);
  const card = nextCard(tile.closest(".card"), step);
  const there = card && page.tiles(card);
  if (there?.length) focusOn(step > 0 ? there[0] : there[there.length - 1]);
}

function moveCard(step) {
  const tile = here();
  if (!tile) return;
  const card = nextCard(tile.closest(".card"), step);
  if (card) return focusOn(page.tiles(card)[0]);
  const link = document.querySelector(step > 0 ? "#next" : "[data-go=before]");
  if (link) link.focus();
}

const keys = {
  ArrowRight: () => move(1),
  ArrowLeft: () => move(-1),
  ArrowDown: () => moveCard(1),
  ArrowUp: () => moveCard(-1),
  " ": () => act("turn"),
  k: () => act("keep"),
  r: () => act("reject"),
  n: () => act("different"),
  a: () => act("accept"),
  l: () => act("keep_all"),
  u: () => act("undo"),
  c: () => { const group = groupOf(here()); if (group) location.assign(`/group/${group}/compare`); },
  Enter: () => { const group = groupOf(here()); if (group) location.assign(`/group/${group}?shot=${here().dataset.content}`); },
  "?": () => act("help"),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const target = event.target;
  if (target.closest("input, textarea, select, dialog[open]")) return;
  if ((event.key === " " || event.key === "Enter") && target.closest("button, a, summary")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (/^[1-9]$/.test(key)) {
    const tile = here() && [...(here().closest(".card, .panes") ?? document).querySelectorAll(".tile")][Number(key) - 1];
    if (tile) { event.preventDefault(); focusOn(tile); }
    return;
  }
  if (keys[key] && (key === "?" || key === "u" || here())) {
    event.preventDefault();
    keys[key]();
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button && !button.disabled) act(button.dataset.do, button);
});

document.addEventListener("focusin", (event) => {
  const tile = event.target.closest(".tile");
  if (tile && tile !== page.tile) focusOn(tile, false);
});

document.addEventListener("submit", (event) => {
  if (event.target.id !== "overview") return;
  event.preventDefault();
  const groups = [...event.target.querySelectorAll("input[name=group]:checked")].map((box) => box.value);
  decide("/accept", { groups }, () => location.assign("/accept"));
});

document.addEventListener("change", () => {
  const picked = document.getElementById("picked");
  if (picked) picked.textContent = document.querySelectorAll("#overview input[name=group]:checked").length;
});

// A picture that can't be shown says so instead of standing there broken.
document.addEventListener("error", (event) => {
  if (event.target.tagName === "IMG") event.target.classList.add("lost");
}, true);

if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
