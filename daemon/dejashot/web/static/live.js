"use strict";
// What changes while a page is open: photos that land, and choices made elsewhere, appear without moving what one looks at.
const POLL_MS = 4000;
const MOST_COMPARED = 400; // groups at a time, as many as the server takes
const live = { token: "", kept: new Map() }; // kept: groups as they are now that are not put in yet, by id

// The groups on this page, and what each showed when it was put there; of very many those around the one with the focus.
function shownGroups() {
  const places = [...document.querySelectorAll(".card[data-mark], .panes[data-mark]")];
  const start = Math.max(0, places.indexOf(page.tile?.closest("[data-mark]")) - MOST_COMPARED / 2);
  return Object.fromEntries(places.slice(start, start + MOST_COMPARED).map((place) => [place.dataset.group, place.dataset.mark]));
}

async function ask(url, body) {
  const response = await fetch(url, body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  return response.ok ? response.json() : null;
}

async function poll() {
  const { acts } = page;
  const known = await ask(`/changes?since=${live.token}`);
  if (!known || known.token === live.token) return;
  const body = { shown: shownGroups() };
  if (page.list) Object.assign(body, { show: page.list.dataset.show, order: page.list.dataset.order });
  const changes = await ask("/changes", body);
  if (!changes || acts !== page.acts) return; // something was decided meanwhile: this is out of date
  live.token = known.token;
  putIn(changes);
}

function putIn(changes) {
  const now = {};
  for (const [id, html] of Object.entries(changes.cards)) {
    const place = placeOf(id);
    if (place.matches(".card") && (isReady(place, html) || (html && !page.large && !isLookedAt(place)))) now[id] = html;
    else if (html || !page.list) hold(place, id, html);
    else if (!isLookedAt(place)) now[id] = html;
    else hold(place, id, html);
  }
  show({ cards: now, totals: changes.totals, counts: changes.counts });
  announce(changes.first);
}

// Nothing was suggested for a group so far, and now something is.
function isReady(card, html) {
  return "pending" in card.dataset && Boolean(html) && !/<article[^>]* data-pending/.test(html);
}

function isLookedAt(place) {
  return place.contains(document.activeElement) || place.matches(":hover");
}

// Say that a group that is looked at has changed, and leave it as it is until it is asked for.
function hold(place, id, html) {
  live.kept.set(id, html);
  if (document.querySelector(`.changed[data-of="${id}"]`)) return;
  const line = Object.assign(document.createElement("p"), { className: "changed" });
  line.dataset.of = id;
  line.setAttribute("role", "status");
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: text("show_it") });
  button.dataset.do = "changed";
  line.append(text(html ? "group_changed" : "group_gone"), " ", button);
  place.prepend(line);
}

// Say how many groups landed above what is shown; where nothing is shown, load the list with them.
function announce(first) {
  const bar = document.getElementById("arrived");
  if (!bar || "cut" in page.list.dataset) return;
  const last = first.findLastIndex((id) => document.getElementById("g" + id));
  const fresh = first.slice(0, page.cards().length ? Math.max(last, 0) : first.length).filter((id) => !document.getElementById("g" + id));
  bar.hidden = fresh.length === 0;
  bar.querySelector("button").textContent = text("new_groups", { count: fresh.length });
  if (fresh.length && !page.cards().length) goTo(listOf(page.list), "", { replace: true });
}

// Put new groups where they belong, and show the first of them.
async function showArrived() {
  const response = await fetch(listOf(page.list));
  if (!response.ok) return;
  const cards = [...new DOMParser().parseFromString(await response.text(), "text/html").querySelectorAll(".cards > .card")];
  let before = null;
  let top = null;
  for (const card of cards) {
    const there = document.getElementById(card.id);
    if (!there) {
      if (before) before.after(card);
      else page.list.prepend(card);
      top ??= card;
    }
    before = there ?? card;
  }
  document.getElementById("end").hidden = true;
  document.getElementById("arrived").hidden = true;
  top?.scrollIntoView({ block: "start" });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do=arrived], [data-do=changed]");
  if (!button) return;
  if (button.dataset.do === "arrived") { enqueue(showArrived); return; }
  const id = button.closest(".changed").dataset.of;
  const html = live.kept.get(id);
  live.kept.delete(id);
  if (page.list) show({ cards: { [id]: html } });
  else goTo(html ? "" : pageBefore.back());
});

async function follow() {
  if (document.visibilityState === "visible" && !page.leaving) await poll().catch(() => {});
  setTimeout(follow, POLL_MS);
}
if (document.querySelector("[data-mark]") ?? page.list) setTimeout(follow, POLL_MS);
