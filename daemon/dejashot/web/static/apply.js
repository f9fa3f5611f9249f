"use strict";
// The plan on the page is the one that is carried out, and no other; how far it is can be seen meanwhile.
const ways = document.getElementById("ways");
const go = document.getElementById("go");

function needed() {
  const how = ways.querySelector("input[name=how]:checked")?.value;
  for (const field of ways.querySelectorAll("[data-for]")) field.hidden = !field.dataset.for.split(" ").includes(how);
}

async function work(url, body, button) {
  button.disabled = true;
  const bar = document.getElementById("progress");
  button.parentElement.append(bar); // where one looks
  const watch = setInterval(async () => {
    const said = await fetch("/apply/progress").then((answer) => answer.json()).catch(() => null);
    if (said) Object.assign(bar, { max: said.of || 1, value: said.done, hidden: false });
  }, 400);
  try {
    const said = await ask(url, body);
    if (said.refused.length) { leftAlone(said); return; }
    sessionStorage.setItem("said", said.said);
    location.assign("/apply");
  } catch (error) {
    const warning = Object.assign(document.createElement("p"), { className: "warning", textContent: error.message });
    warning.setAttribute("role", "alert");
    stay(warning);
  } finally {
    clearInterval(watch);
    bar.hidden = true;
  }
}

// What was left alone is shown with its reasons, and stays until the page is left.
function leftAlone(said) {
  const head = document.createElement("h2");
  head.textContent = said.said;
  const list = document.createElement("ul");
  for (const words of said.refused) list.append(Object.assign(document.createElement("li"), { textContent: words }));
  stay(head, list);
  say(said.said);
}

// What came of it takes the place of the plan and of what was stopped: both are out of date.
function stay(...parts) {
  document.querySelectorAll(".plan, .stopped, #left").forEach((old) => old.remove());
  const place = document.createElement("section");
  place.id = "left";
  const onwards = Object.assign(document.createElement("a"), { href: "/apply", className: "button", textContent: "Go on" });
  place.append(...parts, onwards);
  ways.after(place);
  onwards.focus();
}

ways.addEventListener("change", needed);
go?.addEventListener("click", () => work("/apply", { plan: document.getElementById("carry").dataset.plan }, go));
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-undo], [data-finish]");
  if (!button) return;
  if (button.dataset.finish) work("/apply/finish", { batch: button.dataset.finish }, button);
  else work("/apply/undo", { batch: button.dataset.undo }, button);
});
needed();
const said = sessionStorage.getItem("said");
if (said) { sessionStorage.removeItem("said"); say(said); }
