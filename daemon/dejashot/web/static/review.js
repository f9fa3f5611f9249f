"use strict";
// Deciding by keys and by buttons. What is decided goes to the server, which answers with the group as it stands.
const DOUBLE_CLICK_MS = 350; // within which a second click is part of the first
const ofGroup = ["accept", "keep_all", "clear"];
const deciding = [...verdicts, ...ofGroup, "turn", "different"];

async function decide(body) {
  page.acts += 1;
  const reply = await post("/decide", { ...body, order: orderOfList() });
  page.acts += 1; // what was asked for meanwhile is out of date
  show(reply);
  return reply;
}

// Do something about a shot or a group; `button` tells what was clicked, null for a key.
async function perform(what, group, content, button = null) {
  const place = placeOf(group);
  const tile = tileOf(place, content);
  if (!place || !canDo(what, place, tile)) return undefined;
  const was = currentPlace(group, content);
  if (what === "turn") return decide({ what: "words", group, content, word: stateOf(tile) === "keep" ? "reject" : "keep" });
  if (verdicts.includes(what)) {
    const undecided = waits(tile);
    const reply = await decide({ what: "words", group, content, word: stateOf(tile) === what ? null : what });
    return undecided ? goOn(reply, was, button) : undefined; // changing a verdict, or taking it back, moves nothing
  }
  if (what === "different") return goOn(await decide({ what, group, content }), was, button);
  if (what === "clear") return decide({ what, group });
  // what is accepted is what is seen when it is its turn, and nothing that came in between
  const reply = await decide(what === "accept" ? { what, group, mark: place.dataset.mark } : { what, group });
  return reply.agreed ? goOn(reply, was, button) : undefined;
}

// A key does what a button of the page does, and nothing else.
function canDo(what, place, tile) {
  if (place.matches(".panes")) return ofGroup.includes(what) || what === "different" ? page.tiles(place).some(waits) : Boolean(tile?.querySelector(".choose"));
  if (!ofGroup.includes(what)) return Boolean(tile?.querySelector(what === "turn" ? ".choose" : `[data-do="${what}"]`));
  if (place.querySelector(`footer [data-do="${what}"]`)) return true;
  if (what === "accept" && "pending" in place.dataset) showMessage(text("still_looking"));
  else if (place.matches(".done") && place.querySelector(".choose")) showMessage(text("chosen_already"));
  return false;
}

async function undo() {
  page.acts += 1;
  const reply = await post("/undo", {});
  page.acts += 1;
  const shown = reply.undone && placeOf(reply.undone.group);
  show(reply);
  if (!reply.undone) return undefined;
  const { group, content } = reply.undone;
  const tile = tileOf(shown && placeOf(group), content);
  if (tile) {
    focusOn(tile);
    return tile.scrollIntoView({ block: "center" });
  }
  if (!group) return undefined;
  const to = page.list ? listAddress(group) : page.large || page.comparing ? groupAddress(group, content) : "";
  return goTo(to, reply.said, { content });
}

function onKey(what) {
  const tile = currentTile();
  return perform(what, groupOf(tile), tile.dataset.content);
}

const keys = {
  ArrowRight: () => move(1),
  ArrowLeft: () => move(-1),
  ArrowDown: () => moveCard(1),
  ArrowUp: () => moveCard(-1),
  " ": () => onKey("turn"),
  k: () => onKey("keep"),
  r: () => onKey("reject"),
  n: () => onKey("different"),
  a: () => onKey("accept"),
  l: () => onKey("keep_all"),
  u: undo,
  c: () => { const group = groupOf(currentTile()); if (group) goTo(page.comparing ? groupAddress(group) : `/group/${group}/compare`); },
  Enter: () => { const group = groupOf(currentTile()); if (group) goTo(groupAddress(group, currentTile().dataset.content)); },
  "?": () => document.getElementById("help").showModal(),
};
const anywhere = ["u", "?"];
const held = ["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp"]; // keys that may be held down

function press(key) {
  if (anywhere.includes(key)) return keys[key]();
  const fresh = !page.tile?.isConnected;
  const tile = currentTile();
  if (!tile) return undefined;
  if (!tile.contains(document.activeElement) && !document.activeElement.closest(".onwards, .about")) focusOn(tile);
  if (/^[1-9]$/.test(key)) {
    const numbered = page.tiles(tile.closest(".card, .panes") ?? document)[Number(key) - 1];
    return numbered && focusOn(numbered);
  }
  return fresh ? undefined : keys[key](); // the first key press only shows where the keys work
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const target = event.target;
  if (target.closest("input, textarea, select, dialog[open]")) return;
  if ((event.key === " " || event.key === "Enter") && target.closest("button, a, summary")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (!/^[1-9]$/.test(key) && !keys[key]) return;
  if (!anywhere.includes(key) && !document.querySelector(".tile")) return;
  event.preventDefault();
  if (!event.repeat || held.includes(key)) enqueue(() => press(key));
});

let decidedAt = -Infinity; // ms, when a click last decided something
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (!button || button.disabled) return undefined;
  const what = button.dataset.do;
  if (what === "undo") return enqueue(undo);
  if (what === "help") return keys["?"]();
  if (!deciding.includes(what)) return undefined;
  if (event.detail > 1 && event.timeStamp - decidedAt < DOUBLE_CLICK_MS) return undefined;
  decidedAt = event.timeStamp;
  return click(button, what, event);
});

function click(button, what, event) {
  const group = groupOf(button);
  const place = placeOf(group);
  const tile = button.closest(".tile") ?? (place?.contains(currentTile()) ? currentTile() : place && page.tiles(place)[0]);
  if (!tile) return undefined;
  const { content } = tile.dataset;
  const seen = stateOf(tile);
  const pressed = { what, x: event.clientX, y: event.clientY, byKey: !event.detail, ofGroup: ofGroup.includes(what), fixed: Boolean(button.closest(".about")) };
  return enqueue(() => {
    const now = tileOf(placeOf(group), content);
    if (now && verdicts.includes(what) && verdicts.includes(stateOf(now)) && stateOf(now) !== seen) return undefined; // decided meanwhile
    return perform(what, group, content, pressed);
  });
}

document.addEventListener("submit", (event) => {
  if (event.target.id !== "overview") return;
  event.preventDefault();
  const groups = Object.fromEntries([...event.target.querySelectorAll("input[name=group]:checked")].map((box) => [box.value, box.dataset.mark]));
  enqueue(async () => {
    const reply = await post("/accept", { groups });
    goTo(reply.next, reply.said, { content: "" });
  });
});

document.addEventListener("change", () => {
  const accept = document.getElementById("accept");
  if (!accept) return;
  const ticked = [...document.querySelectorAll("#overview input[name=group]:checked")];
  const count = ticked.length;
  const size = formatSize(ticked.reduce((sum, box) => sum + Number(box.dataset.frees), 0));
  accept.innerHTML = text("accept", { count });
  accept.closest("button").disabled = count === 0;
  document.getElementById("would-free").innerHTML = text("would_free", { count, size });
});
