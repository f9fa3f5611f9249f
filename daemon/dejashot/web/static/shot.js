"use strict";
// The large view: shows the shot that is focused, and on a phone is swiped to keep or reject.
const stage = document.getElementById("stage");
const about = document.getElementById("about");
const figure = stage.querySelector("figure");
const SWIPE_PX = 90;

function showLarge(tile) {
  if (!tile?.dataset.content || !tile.closest(".card")) return;
  document.querySelectorAll(".tile.shown").forEach((other) => other.classList.remove("shown"));
  tile.classList.add("shown");
  const texts = (selector) => [...tile.querySelectorAll(selector)].map((e) => e.textContent.trim()).filter(Boolean);
  showPicture(tile, texts(".name")[0]);
  document.getElementById("big-name").textContent = text("big_name", { number: texts(".number")[0], total: tile.parentElement.children.length, name: texts(".name")[0] });
  document.getElementById("big-facts").textContent = [tile.dataset.says, ...texts(".small:not(.one, .places)")].join(" · ");
  for (const [place, selector] of [["big-places", ".places"], ["big-one", ".one"]]) {
    const line = document.getElementById(place);
    if (!line) continue; // a series
    line.textContent = texts(selector)[0] ?? "";
    line.hidden = !line.textContent;
  }
  document.getElementById("big-why").replaceChildren(...texts(".why li").map((line) => Object.assign(document.createElement("li"), { textContent: line })));
  setPressed(about, stateOf(tile));
  for (const what of ["keep_one", "different"]) {
    const button = about.querySelector(`[data-do=${what}]`);
    if (button) button.hidden = !tile.querySelector(`[data-do=${what}]`);
  }
  const strip = tile.closest(".tiles");
  strip.scrollTo({
    left: tile.offsetLeft - strip.offsetLeft - (strip.clientWidth - tile.clientWidth) / 2,
    top: tile.offsetTop - strip.offsetTop - (strip.clientHeight - tile.clientHeight) / 2,
  });
}

function start() {
  const wanted = document.querySelector(`.tile[data-content="${stage.dataset.shot}"]`) ?? document.querySelector(".tile");
  if (wanted && !page.tile) focusOn(wanted, false);
  showLarge(page.tile);
}

document.addEventListener("focused", (event) => showLarge(event.detail));
document.addEventListener("shown", () => {
  if (currentTile()) showLarge(currentTile());
});

stage.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do=before], [data-do=next]");
  if (button) enqueue(() => move(button.dataset.do === "next" ? 1 : -1));
});

let from = null;
figure.addEventListener("pointerdown", (event) => {
  if (event.pointerType === "mouse" || event.target.closest("button")) return;
  from = { x: event.clientX, y: event.clientY, id: event.pointerId };
  figure.classList.remove("returns");
});
figure.addEventListener("pointermove", (event) => {
  if (!from || event.pointerId !== from.id) return;
  const dx = event.clientX - from.x;
  figure.style.transform = `translateX(${dx}px) rotate(${dx / 60}deg)`;
  figure.querySelector(".verdict.keep").style.opacity = Math.max(0, Math.min(1, dx / SWIPE_PX));
  figure.querySelector(".verdict.reject").style.opacity = Math.max(0, Math.min(1, -dx / SWIPE_PX));
});
function putBack() {
  from = null;
  figure.classList.add("returns");
  figure.style.transform = "";
  figure.querySelectorAll(".verdict").forEach((word) => { word.style.opacity = 0; });
}
function endSwipe(event) {
  if (!from || event.pointerId !== from.id) return;
  const dx = event.clientX - from.x;
  putBack();
  if (event.type === "pointercancel" || Math.abs(dx) < SWIPE_PX) return;
  enqueue(() => swiped(currentTile(), dx > 0 ? "keep" : "reject"));
}
// A swipe decides on a shot that waits; on one that has a verdict it only leads on.
function swiped(tile, word) {
  const group = groupOf(tile);
  const { content } = tile.dataset;
  if (!tile.querySelector(".choose")) return undefined; // a series
  return waits(tile) ? perform(word, group, content) : goOnFrom(group, content);
}

figure.addEventListener("pointerup", endSwipe);
figure.addEventListener("pointercancel", endSwipe);
document.addEventListener("filmstarts", putBack); // a finger that holds decides nothing, wherever it goes then
start();
