"use strict";
// Search by example: a photo that is picked or dropped goes to this machine's own Dejashot, and nowhere else.
const drop = document.getElementById("drop");
const found = document.getElementById("found");

async function find(file) {
  if (!file) return;
  found.textContent = text("looking_for", { name: file.name });
  found.setAttribute("aria-busy", "true");
  try {
    const response = await fetch("/similar", { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file });
    const reply = await response.json();
    if (!response.ok) throw new Error(problemIn(reply));
    found.replaceChildren(...new DOMParser().parseFromString(reply.html, "text/html").body.childNodes);
  } catch (error) {
    found.textContent = error.message;
  }
  found.removeAttribute("aria-busy");
}

document.getElementById("file").addEventListener("change", (event) => find(event.target.files[0]));
for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => { event.preventDefault(); find(event.dataTransfer.files[0]); });
