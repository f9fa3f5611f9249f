"use strict";
// Only the plan on the page is carried out; its progress is shown meanwhile.
const ways = document.getElementById("ways");
const go = document.getElementById("go");

function showFields() {
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
    if (reply.refused.length) { showRefused(reply); return; }
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

// Show the files that were left alone with their reasons, until the page is left.
function showRefused(reply) {
  const head = document.createElement("h2");
  head.textContent = reply.said;
  const list = document.createElement("ul");
  for (const text of reply.refused) list.append(Object.assign(document.createElement("li"), { textContent: text }));
  replacePlan(head, list);
  showMessage(reply.said);
}

// The result takes the place of the plan and of what was stopped: both are out of date.
function replacePlan(...parts) {
  document.querySelectorAll(".plan, .stopped, #left").forEach((old) => old.remove());
  const place = document.createElement("section");
  place.id = "left";
  const onwards = Object.assign(document.createElement("a"), { href: "/apply", className: "button", textContent: "Go on" });
  place.append(...parts, onwards);
  ways.after(place);
  onwards.focus();
}

ways.addEventListener("change", showFields);
go?.addEventListener("click", () => carryOut("/apply", { plan: document.getElementById("carry").dataset.plan }, go));
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-undo], [data-finish]");
  if (!button) return;
  if (button.dataset.finish) carryOut("/apply/finish", { batch: button.dataset.finish }, button);
  else carryOut("/apply/undo", { batch: button.dataset.undo }, button);
});
showFields();
const message = sessionStorage.getItem("said");
if (message) { sessionStorage.removeItem("said"); showMessage(message); }
