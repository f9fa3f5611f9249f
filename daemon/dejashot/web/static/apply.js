"use strict";
// Only the plan on the page is carried out; its progress is shown meanwhile.
const ways = document.getElementById("ways");
const go = document.getElementById("go");

function showFields() {
  if (!ways) return;
  const how = ways.querySelector("input[name=how]:checked")?.value;
  for (const field of ways.querySelectorAll("[data-for]")) field.hidden = !field.dataset.for.split(" ").includes(how);
}

async function carryOut(url, body, button) {
  button.disabled = true;
  const bar = document.getElementById("progress");
  button.parentElement.append(bar);
  const watch = setInterval(async () => {
    const reply = await fetch("/apply/progress").then((response) => response.json()).catch(() => null);
    if (reply) Object.assign(bar, { max: reply.of || 1, value: reply.done, hidden: false });
  }, 400);
  try {
    const reply = await post(url, body);
    if (reply.html) { showRefused(reply); return; }
    sessionStorage.setItem("said", reply.said);
    location.assign("/apply");
  } catch (error) {
    const warning = Object.assign(document.createElement("p"), { className: "warning", textContent: error.message });
    warning.setAttribute("role", "alert");
    replacePlan(warning);
  } finally {
    clearInterval(watch);
    bar.hidden = true;
  }
}

// Show the files that were left alone with their pictures and reasons, until the page is left.
function showRefused(reply) {
  const head = document.createElement("h2");
  head.textContent = reply.said;
  replacePlan(head, ...new DOMParser().parseFromString(reply.html, "text/html").body.childNodes);
  showMessage(reply.said);
}

// The result takes the place of the plan and of what was stopped: both are out of date.
function replacePlan(...parts) {
  document.querySelectorAll(".plan, .stopped, .state, .chosen-now, #left").forEach((old) => old.remove());
  const place = document.createElement("section");
  place.id = "left";
  const onwards = Object.assign(document.createElement("a"), { href: "/apply", className: "button", textContent: text("go_on") });
  place.append(...parts, onwards);
  document.querySelector("main > .note").after(place);
  onwards.focus();
}

ways?.addEventListener("change", showFields);
go?.addEventListener("click", () => {
  const { plan, files } = document.getElementById("carry").dataset;
  carryOut("/apply", { plan, files: Number(files), leave_out: [...leftOut] }, go);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-undo], [data-finish]");
  if (!button) return;
  if (button.dataset.finish) carryOut("/apply/finish", { batch: button.dataset.finish }, button);
  else carryOut("/apply/undo", { batch: button.dataset.undo }, button);
});
showFields();
const message = sessionStorage.getItem("said");
if (message) { sessionStorage.removeItem("said"); showMessage(message); }
