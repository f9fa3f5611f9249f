"use strict";
// Live Photos and motion photos: while their picture, their button or the key P is held their film plays, without sound; let go, the
// still is there again. A short press of the button plays the film to its end. Nothing ever plays by itself.
const HOLD_MS = 300;
const HELD_STILL_PX = 8; // that a pointer may move while it holds
const lessMotion = matchMedia("(prefers-reduced-motion: reduce)");
const playing = { video: null, button: null, press: null, timer: 0, byKey: false, endedPress: false };

// The button of the shot that an element is part of.
function playButton(element) {
  const button = (element?.closest(".stage") ?? element?.closest(".tile"))?.querySelector(".plays");
  return button && !button.hidden ? button : null;
}

function playFilm(button) {
  stopFilm();
  const frame = button.closest(".stage")?.querySelector("figure") ?? button.closest(".tile").querySelector(".shape, .view");
  const video = Object.assign(document.createElement("video"), { className: "running", muted: true, playsInline: true, disablePictureInPicture: true, src: button.dataset.film });
  const cannot = () => {
    if (playing.video !== video) return;
    stopFilm();
    showMessage(button.dataset.cannot);
  };
  video.addEventListener("error", cannot);
  video.addEventListener("ended", () => { if (playing.video === video) stopFilm(); });
  video.addEventListener("playing", () => (video.videoWidth ? video.classList.add("seen") : cannot())); // sound alone is no film
  Object.assign(playing, { video, button });
  button.classList.add("on");
  frame.append(video);
  document.dispatchEvent(new CustomEvent("filmstarts"));
  video.play().catch((error) => { if (error.name !== "AbortError") cannot(); });
}

function stopFilm() {
  const { video, button } = playing;
  Object.assign(playing, { video: null, button: null });
  button?.classList.remove("on");
  if (!video) return;
  video.pause();
  video.removeAttribute("src");
  video.load();
  video.remove();
}

function endPress() {
  clearTimeout(playing.timer);
  const { press } = playing;
  playing.press = null;
  if (!press?.played) return;
  stopFilm();
  playing.endedPress = true; // the click that follows is none
  setTimeout(() => { playing.endedPress = false; });
}

// Where a press may be a hold: a button anywhere, a picture by mouse, and by touch only the large one, where nothing else answers to it.
function mayHold(event, onButton, onPicture) {
  if (event.button || !event.isPrimary) return false;
  if (onButton) return true;
  if (!onPicture || lessMotion.matches || !playButton(onPicture) || onPicture.closest(".large .tile")) return false;
  if (onPicture.matches(".view") && !onPicture.closest(".whole")) return false; // there it moves the picture
  return event.pointerType === "mouse" || Boolean(onPicture.closest(".stage"));
}

document.addEventListener("pointerdown", (event) => {
  endPress();
  const onButton = event.target.closest(".plays");
  const onPicture = event.target.closest("button") ? null : event.target.closest(".shape, .stage figure, .view");
  if (!mayHold(event, onButton, onPicture)) return;
  const press = { button: onButton ?? playButton(onPicture), id: event.pointerId, x: event.clientX, y: event.clientY, played: false };
  playing.press = press;
  playing.timer = setTimeout(() => {
    if (!press.button.isConnected) return;
    press.played = true;
    playFilm(press.button);
  }, HOLD_MS);
});
document.addEventListener("pointermove", (event) => {
  const { press } = playing;
  if (press && event.pointerId === press.id && !press.played && Math.hypot(event.clientX - press.x, event.clientY - press.y) > HELD_STILL_PX) endPress();
});
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, (event) => { if (event.pointerId === playing.press?.id) endPress(); });
document.addEventListener("contextmenu", (event) => { if (playing.press?.played) event.preventDefault(); });
document.addEventListener("click", (event) => {
  if (playing.endedPress) {
    playing.endedPress = false;
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  const button = event.target.closest(".plays");
  if (!button) return;
  if (playing.button === button) stopFilm();
  else playFilm(button);
}, true);

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "p" || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, dialog[open]")) return;
  const button = playButton(page.large ? document.getElementById("stage") : currentTile());
  if (!button) return;
  playing.byKey = true;
  playFilm(button);
});
document.addEventListener("keyup", (event) => {
  if (event.key.toLowerCase() !== "p" || !playing.byKey) return;
  playing.byKey = false;
  stopFilm();
});
addEventListener("blur", () => { endPress(); stopFilm(); });
document.addEventListener("visibilitychange", () => { if (document.hidden) stopFilm(); });

// The button of the large view is that of the shot that is shown; whatever else comes up ends a film.
function followShot(tile) {
  const from = playing.button?.closest(".tile");
  if (playing.button && (!playing.button.isConnected || (from && from !== tile))) stopFilm();
  const own = document.querySelector(".stage > .plays");
  const of = own && tile?.querySelector(".plays");
  if (!own || own.dataset.film === of?.dataset.film) return;
  stopFilm();
  own.hidden = !of;
  own.dataset.film = of?.dataset.film ?? "";
  own.dataset.cannot = of?.dataset.cannot ?? "";
  own.replaceChildren(...(of?.cloneNode(true).childNodes ?? []));
}
document.addEventListener("focused", (event) => followShot(event.detail));
document.addEventListener("shown", () => followShot(page.tile));
if (page.large) followShot(page.tile);
