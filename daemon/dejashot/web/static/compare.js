"use strict";
// Side by side: all panes show the same part of the picture at the same size, up to 100 % and beyond.
const views = [...document.querySelectorAll(".view")];
const LARGE_PX = 1600; // the long side of what is shown at first
const MAX_ZOOM = 4; // times 100 %
const state = { scale: 1, x: 0.5, y: 0.5 }; // scale 1: the whole picture fits; x, y: the point in the middle, in shares of the picture

function fitOf(view) {
  const { width, height } = view.dataset;
  return Math.min(view.clientWidth / width, view.clientHeight / height);
}

// How many times "fits" 100 % is, where one pixel of the photo is one of the screen.
function fullScale(view = views[0]) {
  return 1 / (fitOf(view) * devicePixelRatio);
}

function draw() {
  for (const view of views) {
    const img = view.querySelector("img");
    const size = fitOf(view) * state.scale;
    const width = view.dataset.width * size;
    const height = view.dataset.height * size;
    img.style.width = `${width}px`;
    img.style.height = `${height}px`;
    const place = (space, length, middle) => (length <= space ? (space - length) / 2 : Math.min(0, Math.max(space - length, space / 2 - middle * length)));
    img.style.transform = `translate(${place(view.clientWidth, width, state.x)}px, ${place(view.clientHeight, height, state.y)}px)`;
    if (img.dataset.full && Math.max(width, height) * devicePixelRatio > LARGE_PX && Math.max(view.dataset.width, view.dataset.height) > LARGE_PX) sharpen(view, "full");
  }
  document.querySelector(".panes").classList.toggle("whole", state.scale <= 1.001);
  document.getElementById("zoom").textContent = formatShare(Math.round((100 * state.scale) / fullScale()));
}

// Put the large picture, or every pixel of the photo, there once it has come.
function sharpen(view, what) {
  const img = view.querySelector("img");
  const address = img.dataset[what];
  delete img.dataset[what];
  if (!address || img.classList.contains("lost")) return;
  const better = new Image();
  better.addEventListener("load", () => {
    const now = view.querySelector("img");
    if (better.naturalWidth < now.naturalWidth) return;
    Object.assign(better, { alt: now.alt, draggable: false });
    Object.assign(better.dataset, now.dataset);
    now.replaceWith(better);
    draw();
  });
  better.addEventListener("error", () => { if (what === "large") markMissing(view.querySelector("img")); });
  better.src = address;
}

function zoomTo(scale, view = views[0], at = null) {
  const most = Math.max(MAX_ZOOM * fullScale(), 1);
  const next = Math.min(most, Math.max(1, scale));
  if (at) {
    const point = pointAt(view, at);
    state.x = point.x + (state.x - point.x) * (state.scale / next);
    state.y = point.y + (state.y - point.y) * (state.scale / next);
  }
  state.scale = next;
  clamp();
  draw();
}

function pointAt(view, at) {
  const box = view.getBoundingClientRect();
  const size = fitOf(view) * state.scale;
  return {
    x: state.x + (at.x - box.left - box.width / 2) / (view.dataset.width * size),
    y: state.y + (at.y - box.top - box.height / 2) / (view.dataset.height * size),
  };
}

function clamp() {
  const view = views[0];
  const size = fitOf(view) * state.scale;
  const bound = (space, length, middle) => (length <= space ? 0.5 : Math.min(1 - space / length / 2, Math.max(space / length / 2, middle)));
  state.x = bound(view.clientWidth, view.dataset.width * size, state.x);
  state.y = bound(view.clientHeight, view.dataset.height * size, state.y);
}

function pan(view, dx, dy) {
  const size = fitOf(view) * state.scale;
  state.x -= dx / (view.dataset.width * size);
  state.y -= dy / (view.dataset.height * size);
  clamp();
  draw();
}

const fingers = new Map();
for (const view of views) {
  view.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomTo(state.scale * Math.exp(-event.deltaY / 400), view, { x: event.clientX, y: event.clientY });
  }, { passive: false });
  view.addEventListener("dblclick", (event) => {
    const whole = state.scale > 1.001;
    zoomTo(whole ? 1 : fullScale(view), view, { x: event.clientX, y: event.clientY });
  });
  view.addEventListener("pointerdown", (event) => {
    view.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY, view });
  });
  view.addEventListener("pointermove", (event) => {
    const finger = fingers.get(event.pointerId);
    if (!finger) return;
    const others = [...fingers.values()].filter((f) => f !== finger && f.view === view);
    const now = { x: event.clientX, y: event.clientY };
    if (others.length) {
      const distance = (a) => Math.hypot(a.x - others[0].x, a.y - others[0].y) || 1;
      zoomTo(state.scale * (distance(now) / distance(finger)), view, { x: (now.x + others[0].x) / 2, y: (now.y + others[0].y) / 2 });
    } else {
      pan(view, now.x - finger.x, now.y - finger.y);
    }
    Object.assign(finger, now);
  });
  for (const end of ["pointerup", "pointercancel"]) view.addEventListener(end, (event) => fingers.delete(event.pointerId));
}

const zooms = { in: () => zoomTo(state.scale * 1.5), out: () => zoomTo(state.scale / 1.5), fit: () => zoomTo(1), full: () => zoomTo(fullScale()) };
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-zoom]");
  if (button) zooms[button.dataset.zoom]();
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, dialog[open]")) return;
  const zoom = { "+": "in", "=": "in", "-": "out", 0: "fit", f: "full" }[event.key];
  if (zoom) { event.preventDefault(); zooms[zoom](); return; }
  if (event.shiftKey && event.key.startsWith("Arrow")) {
    event.preventDefault();
    event.stopImmediatePropagation();
    const step = 80;
    pan(views[0], { ArrowLeft: step, ArrowRight: -step }[event.key] ?? 0, { ArrowUp: step, ArrowDown: -step }[event.key] ?? 0);
  }
}, true);
document.addEventListener("change", (event) => {
  const form = event.target.closest(".pick");
  if (!form) return;
  const count = form.querySelectorAll(":checked").length;
  form.querySelectorAll("input").forEach((box) => { box.disabled = !box.checked && count >= 4; });
  form.querySelector("button").disabled = count < 2;
});
// The details of all panes open and close together: they are there to be compared.
document.addEventListener("toggle", (event) => {
  if (event.target.matches(".pane details")) document.querySelectorAll(".pane details").forEach((details) => { details.open = event.target.open; });
}, true);
addEventListener("resize", () => { clamp(); draw(); });
document.addEventListener("shown", draw);
draw();
for (const view of views) sharpen(view, "large");
