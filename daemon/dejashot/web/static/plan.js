"use strict";
// The ticks of the plan: what is left out, and what the button carries out then. The server makes the plan of what is ticked.
const groups = document.getElementById("plan-groups");
const more = document.getElementById("more-groups");
const leftOut = new Set();
document.documentElement.style.setProperty("--left-out", JSON.stringify(text("left_out")));
let asked = Promise.resolve();

function photosOf(group) {
  return [...group.querySelectorAll("input[value]")];
}

function tick(box) {
  const number = Number(box.value);
  if (box.checked) leftOut.delete(number);
  else leftOut.add(number);
  box.closest(".plan-photo").classList.toggle("left-out", !box.checked);
}

function showWhole(group) {
  const whole = group.querySelector("[data-whole]");
  const ticked = photosOf(group).filter((box) => box.checked).length;
  whole.checked = ticked > 0;
  whole.indeterminate = ticked > 0 && ticked < photosOf(group).length;
}

// One request after the other; only the last of several that wait is sent.
function updatePlan() {
  const count = leftOut.size;
  const carry = document.getElementById("carry");
  if (!carry) return;
  go.disabled = true;
  const version = (updatePlan.version = (updatePlan.version ?? 0) + 1);
  asked = asked.then(async () => {
    if (version !== updatePlan.version) return;
    const stuck = document.getElementById("stuck");
    try {
      const part = await post("/apply/part", { plan: carry.dataset.plan, leave_out: [...leftOut] });
      if (version !== updatePlan.version) return;
      carry.dataset.files = part.files;
      go.textContent = part.button;
      document.getElementById("does").textContent = part.description;
      go.disabled = !part.files || Boolean(part.problem);
      stuck.textContent = part.problem ? text("cannot", { problem: part.problem }) : "";
    } catch (error) {
      stuck.textContent = error.message;
    }
    stuck.hidden = !stuck.textContent;
    const note = document.getElementById("left-out");
    note.hidden = !count;
    note.textContent = text("photos_left_out", { count });
  });
}

groups?.addEventListener("change", (event) => {
  const group = event.target.closest(".plan-group");
  if ("whole" in event.target.dataset) {
    for (const box of photosOf(group)) { box.checked = event.target.checked; tick(box); }
  } else {
    tick(event.target);
  }
  showWhole(group);
  updatePlan();
});

more?.addEventListener("click", async () => {
  more.disabled = true;
  try {
    const reply = await post("/apply/groups", { plan: more.dataset.plan, start: Number(more.dataset.start) });
    const made = new DOMParser().parseFromString(`<ul>${reply.html}</ul>`, "text/html").querySelector("ul");
    const first = made.firstElementChild;
    groups.append(...made.children);
    first?.querySelector("input, a")?.focus();
    more.dataset.start = reply.next;
    document.getElementById("more-count").textContent = text("groups_shown", { shown: groups.children.length, count: reply.of });
    if (!reply.next) more.parentElement.remove();
  } catch (error) {
    showMessage(error.message, true);
  }
  more.disabled = false;
});

// A browser that comes back to the page restores the ticks, not what follows from them.
window.addEventListener("pageshow", () => {
  if (!groups) return;
  for (const group of groups.querySelectorAll(".plan-group:has([data-whole])")) {
    photosOf(group).forEach(tick);
    showWhole(group);
  }
  if (leftOut.size) updatePlan();
});
