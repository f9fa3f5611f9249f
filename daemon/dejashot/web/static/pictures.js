"use strict";
// The picture of the large view: the stored preview at once, every pixel that the window shows over it as soon as it has
// come. Pictures that are likely to be asked for next are requested before.
const MOST_KEPT = 8;
const large = new Map(); // by address, the last used one at the end

function addressOf(tile) {
  return tile.querySelector(".fine").getAttribute("src");
}

// The large picture of a shot, requested once; the browser picks its size by the room there is.
function pictureOf(tile) {
  const address = addressOf(tile);
  const known = large.get(address);
  const img = known && !known.classList.contains("lost") ? known : new Image();
  large.delete(address);
  large.set(address, img);
  if (large.size > MOST_KEPT) large.delete(large.keys().next().value);
  if (!img.getAttribute("src")) {
    const shot = tile.querySelector(".quick");
    const shown = document.getElementById("big").getBoundingClientRect();
    img.decoding = "async";
    img.draggable = false;
    img.sizes = `${Math.ceil(Math.min(shown.width, (shown.height * shot.getAttribute("width")) / shot.getAttribute("height")))}px`;
    img.srcset = tile.querySelector(".fine").getAttribute("srcset") ?? "";
    img.src = address;
  }
  return img;
}

function showPicture(tile, name) {
  const before = document.getElementById("big");
  const stays = originalUrl(before) === addressOf(tile);
  const next = stays ? before : pictureOf(tile);
  if (!next.classList.contains("lost")) next.alt = name;
  if (stays && large.has(addressOf(tile))) return;
  large.set(addressOf(tile), next);
  if (!stays) {
    document.getElementById("quick").src = originalUrl(tile.querySelector(".quick"));
    before.removeAttribute("id");
    next.id = "big";
    before.replaceWith(next);
  }
  if (!next.complete) next.addEventListener("load", () => requestAround(tile), { once: true });
  else if (next.naturalWidth) requestAround(tile);
  else markMissing(next);
}

// Request the pictures of the shots around one, and those of the next group's first shot.
function requestAround(tile) {
  const tiles = [...document.querySelectorAll(".card .tile")];
  const at = tiles.indexOf(tile);
  for (const near of [tiles[at + 1], tiles[at + 2], tiles[at - 1]]) if (near) pictureOf(near);
  if (tiles.length - at <= 2) requestNextGroup();
}

async function requestNextGroup() {
  const link = document.querySelector("[data-go=after]");
  if (!link || link.dataset.requested) return;
  link.dataset.requested = "yes";
  const reply = await fetch(link.href).catch(() => null);
  if (!reply?.ok) return;
  const tile = new DOMParser().parseFromString(await reply.text(), "text/html").querySelector(".tile");
  if (tile) pictureOf(tile);
}
