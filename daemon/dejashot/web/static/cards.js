"use strict";
// Groups as they stand on the page: which shot has the focus, which verdict each has, and putting in what the server replies.
const states = ["keep", "keep_one", "reject", "suggested", "other"];
const verdicts = ["keep", "keep_one", "reject"];

function stateOf(tile) {
  return states.find((state) => tile.classList.contains(state));
}

function waits(tile) {
  return Boolean(tile.querySelector(".choose")) && !verdicts.includes(stateOf(tile));
}

function setPressed(place, state) {
  place.querySelectorAll("[aria-pressed]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.do === state)));
}

function groupOf(element) {
  return element?.closest("[data-group]")?.dataset.group;
}

// Where the shots of a group are on this page: its card, or the panes side by side.
function placeOf(group) {
  return document.getElementById("g" + group) ?? document.querySelector(`.panes[data-group="${group}"]`);
}

function tileOf(place, content) {
  return place && page.tiles(place).find((tile) => tile.dataset.content === content);
}

function show(reply) {
  const was = focusState();
  for (const [id, html] of Object.entries(reply.cards ?? {})) replaceCard(document.getElementById("g" + id), html);
  for (const [id, mark] of Object.entries(reply.marks ?? {})) {
    document.querySelectorAll(`[data-mark][data-group="${id}"]`).forEach((place) => { place.dataset.mark = mark; });
  }
  const totals = document.getElementById("totals");
  if (reply.totals && totals) totals.outerHTML = reply.totals;
  document.querySelectorAll("[data-count]").forEach((place) => { place.textContent = (reply.counts?.[place.dataset.count] ?? place.textContent).toLocaleString(page.language); });
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

function replaceCard(card, html) {
  if (!card) return;
  if (!html) return card.remove();
  const made = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
  reusePictures(card, made);
  const scrolled = card.querySelector(".tiles").scrollLeft;
  made.style.containIntrinsicHeight = `auto ${card.offsetHeight}px`; // until it is painted it is as high as the old one
  card.replaceWith(made);
  made.querySelector(".tiles").scrollLeft = scrolled;
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
  if (!page.list) sessionStorage.setItem("seen", JSON.stringify({ group: groupOf(tile), content: tile.dataset.content }));
  document.dispatchEvent(new CustomEvent("focused", { detail: tile }));
}

// The shot that keys are about; before any has the focus, the first of those in sight.
function currentTile() {
  if (page.tile?.isConnected) return page.tile;
  const inSight = page.cards().find((card) => card.getBoundingClientRect().bottom > innerHeight / 4);
  page.tile = (inSight ?? document).querySelector(".tile");
  return page.tile;
}

document.addEventListener("focusin", (event) => {
  const card = event.target.closest(".card");
  const tile = event.target.closest(".tile") ?? (card && !card.contains(page.tile) ? page.tiles(card)[0] : null);
  if (tile && tile !== page.tile) focusOn(tile, false);
});
