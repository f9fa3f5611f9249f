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
  const watch = setInterval(async () => {
    const said = await fetch("/apply/progress").then((answer) => answer.json()).catch(() => null);
    if (bar && said) Object.assign(bar, { max: said.of || 1, value: said.done, hidden: false });
  }, 400);
  try {
    const said = await ask(url, body);
    if (said.refused.length) { leftAlone(said); return; }
    sessionStorage.setItem("said", said.said);
    location.assign("/apply");
  } catch (error) {
    say(error.message, true);
    button.disabled = false;
  } finally {
    clearInterval(watch);
    if (bar) bar.hidden = true;
  }
}

// What was left alone is shown with its reasons, and stays until the page is left.
function leftAlone(said) {
  document.querySelector(".plan, #left")?.remove();
  const place = document.createElement("section");
  place.id = "left";
  const head = document.createElement("h2");
  head.textContent = said.said;
  const list = document.createElement("ul");
  for (const words of said.refused) list.append(Object.assign(document.createElement("li"), { textContent: words }));
  const onwards = Object.assign(document.createElement("a"), { href: "/apply", className: "button", textContent: "Go on" });
  place.append(head, list, onwards);
  ways.after(place);
  onwards.focus();
  say(said.said);
}

ways.addEventListener("change", needed);
go?.addEventListener("click", () => work("/apply", { plan: document.getElementById("carry").dataset.plan }, go));
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-undo]");
  if (button) work("/apply/undo", { batch: button.dataset.undo }, button);
});
needed();
const said = sessionStorage.getItem("said");
if (said) { sessionStorage.removeItem("said"); say(said); }
