"use strict";
// What all pages share: messages, requests one after the other, the way back, and pictures that can't be shown.
const page = {
  cards: () => [...document.querySelectorAll(".card")],
  tiles: (place) => [...place.querySelectorAll(".tile")],
  list: document.querySelector(".cards:not(.one)"),
  large: document.body.classList.contains("large"),
  comparing: document.body.classList.contains("comparing"),
  tile: null,
  waiting: Promise.resolve(),
  acts: 0, // requests that changed something
  leaving: false, // another page is on its way: nothing is decided on this one any more
  language: document.documentElement.lang,
  texts: JSON.parse(document.getElementById("texts").textContent),
};
const pluralRules = new Intl.PluralRules(page.language);
const LEAVING_MS = 5000; // after which a page that never came is given up

// A text of the page's own in its language, with values in place of {name}; where it has a {count}, in the form for that.
function text(key, values = {}) {
  const forms = page.texts[key];
  const form = forms[pluralRules.select(values.count ?? 0)] ?? forms.other ?? Object.values(forms)[0];
  return form.replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === "number" ? values[name].toLocaleString(page.language) : values[name]));
}

function problemIn(reply) {
  return reply.hint ? text("problem", { problem: reply.title, hint: reply.hint }) : reply.title;
}

function showMessage(text, wrong = false) {
  const toast = document.getElementById("said");
  toast.textContent = text;
  toast.classList.toggle("wrong", wrong);
  clearTimeout(showMessage.timer);
  showMessage.timer = setTimeout(() => { toast.textContent = ""; }, Math.max(wrong ? 9000 : 3500, 70 * text.length));
}

// One thing after the other, in the order of key presses and clicks.
function enqueue(action) {
  page.waiting = page.waiting.then(() => (page.leaving ? undefined : action())).catch((error) => showMessage(error.message, true));
  return page.waiting;
}

async function post(url, body) {
  let response;
  try {
    response = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  } catch {
    throw new Error(text("no_answer"));
  }
  if (response.status === 401 || response.status === 403) throw new Error(text("no_session"));
  const reply = await response.json().catch(() => ({ title: `${text("went_wrong", { status: String(response.status) })} ${text("see_again")}` }));
  if (!response.ok) throw new Error(problemIn(reply));
  return reply;
}

// Go to another page; keep a message and the shot to be focused for it. `replace` leaves no step to go back to.
function goTo(url, message = "", { content = currentShot(), replace = false } = {}) {
  sessionStorage.setItem("left", JSON.stringify({ message, content }));
  page.leaving = true;
  setTimeout(() => { page.leaving = false; }, LEAVING_MS);
  if (!url) location.reload();
  else if (replace) location.replace(url);
  else location.assign(url);
}

function currentShot() {
  return (document.activeElement?.closest?.(".tile") ?? page.tile)?.dataset.content ?? "";
}

// The list that one came from, at a group of it.
function listAddress(group = "") {
  const url = new URL(page.list ? listOf(page.list) : (sessionStorage.getItem("list") ?? "/"), location.origin);
  if (group) url.searchParams.set("until", group);
  return url.pathname + url.search;
}

function listOf(list) {
  return `/?show=${list.dataset.show}&order=${list.dataset.order}`;
}

function orderOfList() {
  return new URLSearchParams(listAddress().split("?")[1]).get("order") ?? "newest";
}

// The address of a group, large, in the order in which one goes through the groups.
function groupAddress(group, shot = "") {
  const query = new URLSearchParams(shot ? { shot } : {});
  if (orderOfList() !== "newest") query.set("order", orderOfList());
  return `/group/${group}${query.size ? "?" : ""}${query}`;
}

// Where the browser came from: a list leads to the large view and to comparing, the large view to comparing.
const pageBefore = {
  closes: document.querySelector("[data-go=close]"),
  group: document.querySelector("main [data-group]")?.dataset.group,
  back() {
    const before = sessionStorage.getItem("before") ?? "";
    if (page.comparing && before === `/group/${this.group}`) return groupAddress(this.group);
    const list = sessionStorage.getItem("list") ?? "/";
    return list.startsWith("/?") || list === "/" ? listAddress(this.group) : list;
  },
};
const pathHere = location.pathname + (page.large ? "" : location.search);
if (pageBefore.closes) pageBefore.closes.href = pageBefore.back();
if (!page.comparing && document.querySelector(".cards, .film, .matches")) {
  if (page.list) history.replaceState(history.state, "", location.pathname + location.search.replace(/[?&]until=[^&]*/, ""));
  sessionStorage.setItem("before", page.list ? location.pathname + location.search : pathHere);
  if (!pageBefore.closes) sessionStorage.setItem("list", page.list ? location.pathname + location.search : pathHere);
}
document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const link = event.target.closest("a[href]");
  if (link?.matches("[data-go=close]")) {
    event.preventDefault();
    goTo(pageBefore.back());
  } else if (link && /^\/group\/\w+(\?|$)/.test(link.getAttribute("href"))) {
    const url = new URL(link.href);
    link.href = groupAddress(url.pathname.split("/")[2], url.searchParams.get("shot") ?? "");
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && pageBefore.closes && !event.defaultPrevented && !document.querySelector("dialog[open]")) goTo(pageBefore.back());
});

// Format a size as the pages do: 1.2 MB, decimal units.
function formatSize(count) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  let size = count;
  while (size >= 1000 && units.length > 1) { size /= 1000; units.shift(); }
  const digits = units[0] !== "byte" && size < 100 ? 1 : 0;
  const unitDisplay = units[0] === "byte" ? "long" : "short";
  return size.toLocaleString(page.language, { style: "unit", unit: units[0], unitDisplay, minimumFractionDigits: digits, maximumFractionDigits: digits });
}

// Format a share in percent as the pages do; in English with a space.
function formatShare(percent) {
  return page.language === "en" ? `${percent} %` : (percent / 100).toLocaleString(page.language, { style: "percent" });
}

// Replace a picture that can't be shown.
const MISSING_IMAGE = "/static/lost.svg";
document.documentElement.style.setProperty("--picture-missing", JSON.stringify(text("picture_missing")));

function originalUrl(img) {
  return img.dataset.asked ?? img.getAttribute("src");
}

function markMissing(img) {
  if (img.classList.contains("lost")) return;
  if (img.classList.contains("fine")) { img.hidden = true; return; } // the stored preview is below it
  img.classList.add("lost");
  img.dataset.asked = img.getAttribute("src");
  img.alt = img.alt ? text("name_missing", { name: img.alt }) : text("picture_missing");
  img.removeAttribute("srcset");
  img.src = MISSING_IMAGE;
}

document.addEventListener("error", (event) => { if (event.target.tagName === "IMG") markMissing(event.target); }, true);
for (const img of document.images) if (img.complete && !img.naturalWidth && img.getAttribute("src") && img.loading !== "lazy") markMissing(img);
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
