"use strict";
// The large view: shows the shot that is focused, and on a phone is swiped to keep or reject.
const stage = document.getElementById("stage");
const figure = stage.querySelector("figure");
const big = document.getElementById("big");
const FAR = 90;

function put(tile) {
  if (!tile?.dataset.content || !tile.closest(".card")) return;
  document.querySelectorAll(".tile.shown").forEach((other) => other.classList.remove("shown"));
  tile.classList.add("shown");
  const url = `/photo/${tile.dataset.content}/large`;
  if (big.getAttribute("src") !== url) big.src = url;
  big.alt = tile.querySelector(".name").textContent;
  document.getElementById("big-name").textContent = tile.getAttribute("aria-label");
  document.getElementById("big-facts").textContent = [...tile.querySelectorAll(".small, .why li, .link")].map((e) => e.textContent.trim()).filter(Boolean).join(" · ");
}

function start() {
  const wanted = document.querySelector(`.tile[data-content="${stage.dataset.shot}"]`) ?? document.querySelector(".tile");
  if (wanted) { focusOn(wanted, false); put(wanted); }
}

document.addEventListener("focused", (event) => put(event.detail));
document.addEventListener("shown", () => put(here()));

stage.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do=before], [data-do=next]");
  if (button) move(button.dataset.do === "next" ? 1 : -1);
});

let from = null;
figure.addEventListener("pointerdown", (event) => {
  if (event.pointerType === "mouse" || event.target.closest("button")) return;
  from = { x: event.clientX, y: event.clientY, id: event.pointerId };
  figure.classList.remove("back");
});
figure.addEventListener("pointermove", (event) => {
  if (!from || event.pointerId !== from.id) return;
  const dx = event.clientX - from.x;
  figure.style.transform = `translateX(${dx}px) rotate(${dx / 60}deg)`;
  figure.querySelector(".verdict.keep").style.opacity = Math.max(0, Math.min(1, dx / FAR));
  figure.querySelector(".verdict.reject").style.opacity = Math.max(0, Math.min(1, -dx / FAR));
});
function letGo(event) {
  if (!from || event.pointerId !== from.id) return;
  const dx = event.clientX - from.x;
  from = null;
  figure.classList.add("back");
  figure.style.transform = "";
  figure.querySelectorAll(".verdict").forEach((word) => { word.style.opacity = 0; });
  if (event.type === "pointercancel" || Math.abs(dx) < FAR) return;
  const tile = here();
  decide("/decide", { what: "words", group: groupOf(tile), content: tile.dataset.content, word: dx > 0 ? "keep" : "reject" }, () => {
    const tiles = [...document.querySelectorAll(".card .tile")];
    const next = tiles.find((t, n) => n > tiles.indexOf(here()) && t.matches(".suggested, .other")) ?? tiles.find((t) => t.matches(".suggested, .other"));
    if (next) focusOn(next, false);
  });
}
figure.addEventListener("pointerup", letGo);
figure.addEventListener("pointercancel", letGo);
start();
