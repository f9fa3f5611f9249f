"use strict";
// Where one goes, the same by keys, mouse and touch in every view. After a decision: to the next shot of the group without a verdict,
// after the last one to the next group that waits, and in the end to Apply.

const FRAMES = 4; // that are painted before all heights are known
const ROWS = 4; // of buttons that lie below each other, at most
const BELOW_PX = 6; // how far below the pointer a row of other buttons is put

// A shot that is about to be decided on, so that the place is known when it, or its group, has gone from the page.
function currentPlace(group, content) {
  const place = placeOf(group);
  const at = place ? page.tiles(place).findIndex((tile) => tile.dataset.content === content) : -1;
  return { group, content, at, cardAt: page.cards().indexOf(place) };
}

// Go on after a decision; `reply` is what the server said of it, `button` what was clicked, and where.
async function goOn(reply, was, button = null) {
  const tiles = placeOf(was.group) ? page.tiles(placeOf(was.group)) : [];
  const start = tiles[was.at]?.dataset.content === was.content ? was.at + 1 : Math.max(was.at, 0);
  const next = [...tiles.slice(start), ...tiles.slice(0, start)].find(waits);
  if (next && !(page.comparing && reply.cards?.[was.group] === "")) return arriveAt(next, button);
  if (page.comparing) return goOnComparing(reply, was);
  if (page.large) return reply.next ? goTo(groupAddress(reply.next), reply.said, { content: "", replace: true }) : allChosen(reply);
  const card = await nextCardThatWaits(was);
  if (card) return arriveAt(page.tiles(card).find(waits), button);
  if (reply.open === 0) return allChosen(reply);
  if (reply.next && page.list?.dataset.show === "open") goTo(listAddress(reply.next), reply.said, { content: "" });
  return undefined;
}

// Go on from a shot that nothing new was decided about.
async function goOnFrom(group, content) {
  const tile = page.tiles(placeOf(group)).find(waits);
  if (tile) return goOn({}, currentPlace(group, content));
  const next = document.querySelector("[data-go=after]");
  return next ? goTo(next.href, "", { content: "", replace: true }) : undefined;
}

// Compare what the group has left, else the next group.
function goOnComparing(reply, was) {
  const left = Object.entries(reply.states ?? {}).filter(([, state]) => !verdicts.includes(state)).map(([content]) => content);
  const others = Object.keys(reply.states ?? {}).filter((content) => !left.includes(content));
  const shots = [...left, ...others].slice(0, Math.max(2, Math.min(4, left.length)));
  const to = { content: left[0] ?? "", replace: true };
  if (left.length && shots.length > 1) return goTo(`/group/${was.group}/compare?${new URLSearchParams(shots.map((shot) => ["shot", shot]))}`, reply.said, to);
  if (left.length) return goTo(groupAddress(was.group, left[0]), reply.said, to);
  return reply.next ? goTo(`/group/${reply.next}/compare`, reply.said, to) : allChosen(reply);
}

async function nextCardThatWaits(was) {
  const open = (card) => card.matches(".open") && page.tiles(card).some(waits);
  const start = placeOf(was.group) ? page.cards().indexOf(placeOf(was.group)) + 1 : Math.max(was.cardAt, 0);
  let found = page.cards().slice(start).find(open);
  while (!found && (await loadMore())) found = page.cards().slice(start).find(open);
  return found ?? page.cards().slice(0, start).find(open);
}

// Nothing waits any more: say so, with the way on.
function allChosen(reply) {
  const end = document.getElementById("end");
  if (!end) return goTo("/?show=open", reply.said, { content: "" });
  end.hidden = false;
  if (page.tile) page.tile.tabIndex = -1;
  page.tile = null;
  end.querySelector("a").focus();
  return end.scrollIntoView({ block: "center" });
}

// Focus a shot; after a click the same button of it comes to where the pointer is, unless its picture would be out of sight then.
async function arriveAt(tile, button) {
  focusOn(tile);
  const card = tile.closest(".card");
  if (!button || button.fixed || !card) return;
  const same = () => (button.ofGroup ? card.querySelector("footer") : tile).querySelector(`[data-do="${button.what}"]`);
  if (button.byKey) same()?.focus({ preventScroll: true });
  if (button.byKey || !same()) return;
  const whole = button.ofGroup ? card : tile;
  for (let frame = 0; frame < FRAMES && whole.isConnected && same(); frame++) { // cards that come into sight get their real height
    bringUnder(whole, same(), button.y);
    await new Promise((done) => requestAnimationFrame(done));
  }
  leaveOtherButtons(button);
}

// Another button never comes to where the pointer rests: a second click there must not decide something else.
function leaveOtherButtons({ what, x, y }) {
  for (let row = 0; row < ROWS; row++) {
    const under = document.elementFromPoint(x, y)?.closest(".card [data-do]");
    if (!under || under.dataset.do === what) return;
    scrollBy(0, under.getBoundingClientRect().top - y - BELOW_PX);
  }
}

function bringUnder(whole, button, y) {
  const box = button.getBoundingClientRect();
  const down = box.top + box.height / 2 - y;
  if (whole.getBoundingClientRect().top - down < document.querySelector(".bar").getBoundingClientRect().bottom) whole.scrollIntoView({ block: "start" });
  else {
    const room = document.documentElement.scrollHeight - innerHeight - scrollY;
    if (down > room) addRoom(down - room);
    scrollBy(0, down);
  }
}

function addRoom(px) {
  const main = document.getElementById("content");
  main.style.paddingBottom = `${parseFloat(getComputedStyle(main).paddingBottom) + px}px`;
}

function move(step) {
  const tile = currentTile();
  if (!tile) return;
  const around = page.tiles(tile.closest(".card, .panes") ?? document);
  const next = around[around.indexOf(tile) + step];
  if (next) return focusOn(next);
  const card = page.cards()[page.cards().indexOf(tile.closest(".card")) + step];
  const there = card && page.tiles(card);
  if (there?.length) focusOn(step > 0 ? there[0] : there[there.length - 1]);
}

async function moveCard(step) {
  const tile = currentTile();
  if (!tile || page.comparing) return;
  const at = page.cards().indexOf(tile.closest(".card"));
  if (step > 0 && !page.cards()[at + 1]) await loadMore();
  const card = page.cards()[at + step];
  if (card) return focusOn(page.tiles(card)[0]);
  const link = document.querySelector(step > 0 ? "[data-go=after]" : "[data-go=before]");
  if (link) goTo(link.href, "", { content: "" });
}

// Load the next groups of the list; return whether any came.
async function loadMore() {
  const next = document.getElementById("next");
  if (!next || !page.list) return false;
  loadMore.running ??= appendFrom(next).catch(() => false).finally(() => { loadMore.running = undefined; });
  return loadMore.running;
}

async function appendFrom(link) {
  const response = await fetch(link.href);
  if (!response.ok) return false;
  const more = new DOMParser().parseFromString(await response.text(), "text/html");
  const made = [...more.querySelectorAll(".cards > .card")].filter((card) => !document.getElementById(card.id));
  page.list.append(...made);
  const further = more.getElementById("next");
  if (further) link.href = further.href;
  else link.closest(".onwards").remove();
  watchEnd();
  return made.length > 0;
}

// The list goes on by itself as one nears its end.
const nearing = new IntersectionObserver((seen) => { if (seen.some((entry) => entry.isIntersecting)) loadMore(); }, { rootMargin: "0px 0px 1800px" });
function watchEnd() {
  nearing.disconnect();
  const next = document.getElementById("next");
  if (next && page.list) nearing.observe(next);
}

// What was last looked at gets the focus again: after Escape, after the browser's back button, and after loading anew.
function restoreAfterLoad() {
  const left = JSON.parse(sessionStorage.getItem("left") ?? "null");
  if (left?.message) showMessage(left.message);
  const kind = performance.getEntriesByType("navigation")[0]?.type;
  const seen = kind === "back_forward" && page.list ? JSON.parse(sessionStorage.getItem("seen") ?? "null") : null;
  sessionStorage.removeItem("left");
  if (page.list) sessionStorage.removeItem("seen");
  const wanted = left ?? seen ?? (kind === "navigate" ? null : history.state);
  const tile = wanted?.content && document.querySelector(`.tile[data-content="${wanted.content}"]`);
  if (tile) {
    focusOn(tile);
    tile.closest(".card")?.scrollIntoView({ block: "center" });
    tile.scrollIntoView({ block: "nearest" });
  } else if (!left && wanted?.group && page.list) goTo(listAddress(wanted.group), "", { content: wanted.content, replace: true });
  else if (page.comparing) focusOn(document.querySelector(".pane:is(.suggested, .other)") ?? document.querySelector(".pane"));
  else if (wanted?.content) {
    const link = document.querySelector(`.film a[href*="shot=${wanted.content}"]`);
    (link ?? document.getElementById("content")).focus(); // no link: the shot is not on this page any more
    link?.scrollIntoView({ block: "center" });
  }
  const end = document.getElementById("end");
  if (left && end && !end.hidden) end.querySelector("a").focus();
}
if (page.list) addEventListener("pagehide", () => history.replaceState(page.tile ? { group: groupOf(page.tile), content: page.tile.dataset.content } : null, ""));
restoreAfterLoad();
watchEnd();
