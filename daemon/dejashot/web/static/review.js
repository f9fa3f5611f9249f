"use strict";
// Keys, buttons and messages that all pages share. What is decided goes to the server, which answers with the group as it stands.
const page = {
  cards: () => [...document.querySelectorAll(".card")],
  tiles: (card) => [...card.querySelectorAll(".tile")],
  tile: null,
  waiting: Promise.resolve(),
};

function showMessage(text, wrong = false) {
  const toast = document.getElementById("said");
  toast.textContent = text;
  toast.classList.toggle("wrong", wrong);
  clearTimeout(showMessage.timer);
  showMessage.timer = setTimeout(() => { toast.textContent = ""; }, Math.max(wrong ? 9000 : 3500, 70 * text.length));
}

// Keep a message and the focused shot for the page that comes next.
function goTo(url, message = "") {
  const content = (document.activeElement?.closest?.(".tile") ?? page.tile)?.dataset.content ?? "";
  sessionStorage.setItem("left", JSON.stringify({ message, content }));
  if (url) location.assign(url);
  else location.reload();
}

function restoreAfterLoad() {
  const left = JSON.parse(sessionStorage.getItem("left") ?? "{}");
  sessionStorage.removeItem("left");
  if (left.message) showMessage(left.message);
  const tile = left.content && document.querySelector(`.tile[data-content="${left.content}"]`);
  if (tile) focusOn(tile);
  else if (left.content) document.getElementById("content").focus(); // the shot is not on this page any more
}

// Where the browser came from: a list leads to the large view and to comparing, the large view to comparing.
const origin = {
  closes: document.querySelector("[data-go=close]"),
  address: location.pathname + (document.body.classList.contains("large") ? "" : location.search),
  back() {
    const before = sessionStorage.getItem("before") ?? "";
    if (document.body.classList.contains("large")) return sessionStorage.getItem("list") ?? "/";
    return before.startsWith("/group/") && before !== this.closes.pathname ? this.closes.pathname : before || this.closes.pathname;
  },
};
if (!document.body.classList.contains("comparing") && document.querySelector(".cards, .film, .matches")) {
  sessionStorage.setItem("before", origin.address);
  if (!origin.closes) sessionStorage.setItem("list", origin.address);
}
if (origin.closes) origin.closes.href = origin.back();
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-go=close]") || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  goTo(origin.closes.href);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && origin.closes && !event.defaultPrevented && !document.querySelector("dialog[open]")) goTo(origin.closes.href);
});

async function post(url, body) {
  let response;
  try {
    response = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  } catch {
    throw new Error("Dejashot does not answer. Is it still running? Load the page again to see what was done.");
  }
  if (response.status === 401 || response.status === 403) throw new Error("This page is no longer let in. Run dejashot review for a new link.");
  const reply = await response.json().catch(() => ({ title: `Something went wrong (${response.status}).`, hint: "Load the page again to see what was done." }));
  if (!response.ok) throw new Error([reply.title, reply.hint].filter(Boolean).join(". "));
  return reply;
}

// One request after the other, in the order of the key presses.
function postDecision(url, body, then) {
  page.waiting = page.waiting.then(async () => {
    try {
      const reply = await post(url, typeof body === "function" ? body() : body);
      show(reply);
      if (then) then(reply);
    } catch (error) {
      showMessage(error.message, true);
    }
  });
  return page.waiting;
}

function show(reply) {
  const was = focusState();
  for (const [id, html] of Object.entries(reply.cards ?? {})) {
    const card = document.getElementById("g" + id);
    if (!card) continue;
    if (html) {
      const made = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
      reusePictures(card, made);
      const scrolled = card.querySelector(".tiles").scrollLeft;
      card.replaceWith(made);
      made.querySelector(".tiles").scrollLeft = scrolled;
    } else {
      card.remove();
    }
  }
  for (const [id, mark] of Object.entries(reply.marks ?? {})) {
    document.querySelectorAll(`[data-mark][data-group="${id}"]`).forEach((place) => { place.dataset.mark = mark; });
  }
  const totals = document.getElementById("totals");
  if (reply.totals && totals) totals.outerHTML = reply.totals;
  document.querySelectorAll(".panes .pane").forEach((pane) => {
    const state = reply.states?.[pane.dataset.content];
    if (!state) return;
    pane.classList.remove(...states);
    pane.classList.add(state);
    setPressed(pane, state);
  });
  restoreFocus(was);
  if (reply.said) showMessage(reply.said);
  document.dispatchEvent(new CustomEvent("shown"));
}

const states = ["keep", "keep_one", "reject", "suggested", "other"];

function stateOf(tile) {
  return states.find((state) => tile.classList.contains(state));
}

function setPressed(place, state) {
  place.querySelectorAll("[aria-pressed]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.do === state)));
}

// Cards are replaced by new ones from the server: the focus returns to the same button or shot, or next to it.
function focusState() {
  const active = document.activeElement;
  const card = page.tile?.closest(".card");
  return {
    inside: Boolean(active?.closest?.(".tile, .card")),
    button: active?.closest?.(".card [data-do]")?.dataset.do,
    footer: Boolean(active?.closest?.(".card footer")),
    content: page.tile?.dataset.content,
    card: card?.dataset.group,
    cardAt: page.cards().indexOf(card),
    tileAt: card ? page.tiles(card).indexOf(page.tile) : -1,
  };
}

function restoreFocus(was) {
  if (!page.tile || page.tile.isConnected) return;
  const cards = page.cards();
  const same = document.getElementById("g" + was.card);
  const card = same ?? cards[Math.min(was.cardAt, cards.length - 1)];
  if (!card) {
    page.tile = null;
    document.getElementById("content").focus();
    return;
  }
  const tiles = page.tiles(card);
  const tile = same ? tiles.find((t) => t.dataset.content === was.content) ?? tiles[Math.min(was.tileAt, tiles.length - 1)] : tiles[0];
  focusOn(tile, was.inside);
  if (was.inside && was.button && tile.dataset.content === was.content) (was.footer ? card.querySelector("footer") : tile).querySelector(`[data-do="${was.button}"]`)?.focus({ preventScroll: true });
}

// Reuse pictures that are loaded already: nothing flickers, and nothing is requested twice.
function reusePictures(before, after) {
  const there = new Map([...before.querySelectorAll(".picture img")].map((img) => [originalUrl(img), img]));
  after.querySelectorAll(".picture img").forEach((img) => {
    const same = there.get(originalUrl(img));
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

function currentTile() {
  if (!page.tile || !page.tile.isConnected) page.tile = document.querySelector(".tile");
  return page.tile;
}

function groupOf(element) {
  return element?.closest("[data-group]")?.dataset.group;
}

const verdicts = ["keep", "keep_one", "reject"];

function isOnPage(id) {
  return Boolean(document.getElementById("g" + id) ?? document.querySelector(`.panes[data-group="${id}"]`));
}

// In the large view, after a decision: focus the next shot that waits, from here on or from the beginning.
function nextOpen() {
  const tiles = [...document.querySelectorAll(".card .tile")];
  const waits = tiles.filter((tile) => tile.matches(".suggested, .other"));
  const next = waits.find((tile) => tiles.indexOf(tile) > tiles.indexOf(currentTile())) ?? waits[0];
  if (next) focusOn(next, Boolean(document.activeElement?.closest(".tile")));
}

function perform(what, from = currentTile()) {
  const group = groupOf(from);
  if (what === "help") return document.getElementById("help").showModal();
  if (what === "undo") return postDecision("/undo", {}, (reply) => Object.entries(reply.cards).some(([id, html]) => html && !isOnPage(id)) && goTo("", reply.said));
  if (!group) return undefined;
  const card = from.closest(".card");
  const tile = from.closest(".tile") ?? (!card || card.contains(currentTile()) ? currentTile() : card.querySelector(".tile"));
  const content = tile?.dataset.content;
  if (verdicts.includes(what)) {
    const pressed = stateOf(tile) === what;
    const onwards = from.closest(".about") && !pressed ? nextOpen : undefined;
    return postDecision("/decide", { what: "words", group, content, word: pressed ? null : what }, onwards);
  }
  if (what === "turn") {
    const next = stateOf(tile) === "keep" ? "reject" : "keep";
    return postDecision("/decide", { what: "words", group, content, word: next });
  }
  if (what === "different") return postDecision("/decide", { what: "different", group, content });
  if (what === "accept" || what === "keep_all") {
    // What is accepted is what is seen when it is its turn, and nothing that came in between.
    const request = () => (what === "accept" ? { what, group, mark: document.querySelector(`[data-mark][data-group="${group}"]`)?.dataset.mark ?? "" } : { what, group });
    return postDecision("/decide", request, () => {
      const onwards = nextCard(document.getElementById("g" + group), 1);
      if (onwards) focusOn(page.tiles(onwards)[0]);
    });
  }
  if (what === "clear") return postDecision("/decide", { what, group });
  return undefined;
}

function nextCard(card, step) {
  const cards = page.cards();
  return cards[cards.indexOf(card) + step];
}

function move(step) {
  const tile = currentTile();
  if (!tile) return;
  const around = [...(tile.closest(".card, .panes") ?? document).querySelectorAll(".tile")];
  const next = around[around.indexOf(tile) + step];
  if (next) return focusOn(next);
  const card = nextCard(tile.closest(".card"), step);
  const there = card && page.tiles(card);
  if (there?.length) focusOn(step > 0 ? there[0] : there[there.length - 1]);
}

function moveCard(step) {
  const tile = currentTile();
  if (!tile) return;
  const card = nextCard(tile.closest(".card"), step);
  if (card) return focusOn(page.tiles(card)[0]);
  const link = document.querySelector(step > 0 ? "[data-go=after]" : "[data-go=before]");
  if (link) location.assign(link.href);
  else if (step > 0) document.getElementById("next")?.focus();
}

const keys = {
  ArrowRight: () => move(1),
  ArrowLeft: () => move(-1),
  ArrowDown: () => moveCard(1),
  ArrowUp: () => moveCard(-1),
  " ": () => perform("turn"),
  k: () => perform("keep"),
  r: () => perform("reject"),
  n: () => perform("different"),
  a: () => perform("accept"),
  l: () => perform("keep_all"),
  u: () => perform("undo"),
  c: () => { const group = groupOf(currentTile()); if (group) location.assign(currentTile().closest(".panes") ? `/group/${group}` : `/group/${group}/compare`); },
  Enter: () => { const group = groupOf(currentTile()); if (group) location.assign(`/group/${group}?shot=${currentTile().dataset.content}`); },
  "?": () => perform("help"),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const target = event.target;
  if (target.closest("input, textarea, select, dialog[open]")) return;
  if ((event.key === " " || event.key === "Enter") && target.closest("button, a, summary")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (/^[1-9]$/.test(key)) {
    const tile = currentTile() && [...(currentTile().closest(".card, .panes") ?? document).querySelectorAll(".tile")][Number(key) - 1];
    if (tile) { event.preventDefault(); focusOn(tile); }
    return;
  }
  if (!keys[key]) return;
  const fresh = !page.tile?.isConnected;
  if (key !== "?" && key !== "u" && !currentTile()) return;
  event.preventDefault();
  // the first key press only shows where the keys work
  if (key !== "?" && key !== "u" && !currentTile().contains(document.activeElement) && !document.activeElement.closest(".onwards")) focusOn(currentTile());
  if (!(fresh && key.startsWith("Arrow"))) keys[key]();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button && !button.disabled) perform(button.dataset.do, button);
});

document.addEventListener("focusin", (event) => {
  const card = event.target.closest(".card");
  const tile = event.target.closest(".tile") ?? (card && !card.contains(page.tile) ? page.tiles(card)[0] : null);
  if (tile && tile !== page.tile) focusOn(tile, false);
});

document.addEventListener("submit", (event) => {
  if (event.target.id !== "overview") return;
  event.preventDefault();
  const groups = Object.fromEntries([...event.target.querySelectorAll("input[name=group]:checked")].map((box) => [box.value, box.dataset.mark]));
  postDecision("/accept", { groups }, (reply) => goTo(reply.next, reply.said));
});

document.addEventListener("change", () => {
  const picked = document.getElementById("picked");
  if (!picked) return;
  const ticked = [...document.querySelectorAll("#overview input[name=group]:checked")];
  picked.textContent = ticked.length;
  picked.closest("button").disabled = ticked.length === 0;
  document.getElementById("ticked").textContent = `${ticked.length.toLocaleString("en")} ticked group${ticked.length === 1 ? "" : "s"}`;
  document.getElementById("frees").textContent = formatSize(ticked.reduce((sum, box) => sum + Number(box.dataset.frees), 0));
});

// Format a size as the pages do: 1.2 MB, decimal units.
function formatSize(count) {
  const units = ["bytes", "kB", "MB", "GB"];
  let size = count;
  while (size >= 1000 && units.length > 1) { size /= 1000; units.shift(); }
  return `${units[0] === "bytes" ? count : size.toFixed(size < 100 ? 1 : 0)} ${units[0]}`;
}

// Replace a picture that can't be shown.
const MISSING_IMAGE = "/static/lost.svg";

function originalUrl(img) {
  return img.dataset.asked ?? img.getAttribute("src");
}

function markMissing(img) {
  if (img.classList.contains("lost")) return;
  if (img.classList.contains("fine")) { img.hidden = true; return; } // the stored preview is below it
  img.classList.add("lost");
  img.dataset.asked = img.getAttribute("src");
  img.alt = `${img.alt} can't be shown`.trim();
  img.removeAttribute("srcset");
  img.src = MISSING_IMAGE;
}

document.addEventListener("error", (event) => { if (event.target.tagName === "IMG") markMissing(event.target); }, true);
for (const img of document.images) if (img.complete && !img.naturalWidth && img.getAttribute("src") && img.loading !== "lazy") markMissing(img);
restoreAfterLoad();

if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
