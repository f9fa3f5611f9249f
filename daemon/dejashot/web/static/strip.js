"use strict";
// The strip of days is one stop of the Tab key: arrows lead to the days before and after, and to the months above and below.
const strip = document.querySelector(".strip");

function stripDay(from, key) {
  const row = from.closest("li");
  const days = [...row.querySelectorAll("svg > a")];
  const rows = [...strip.querySelectorAll("li")];
  if (key === "Home") return days[0];
  if (key === "End") return days.at(-1);
  if (key === "ArrowLeft" || key === "ArrowRight") { // months lie newest first, their days oldest first
    const all = rows.reverse().flatMap((one) => [...one.querySelectorAll("svg > a")]);
    return all[all.indexOf(from) + (key === "ArrowRight" ? 1 : -1)];
  }
  const other = rows[rows.indexOf(row) + (key === "ArrowDown" ? 1 : -1)];
  const left = from.getBoundingClientRect().left;
  const away = (day) => Math.abs(day.getBoundingClientRect().left - left);
  return other && [...other.querySelectorAll("svg > a")].reduce((near, day) => (away(day) < away(near) ? day : near));
}

strip?.addEventListener("keydown", (event) => {
  const from = event.target.closest("svg > a");
  if (!from || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
  event.preventDefault();
  const to = stripDay(from, event.key);
  if (!to) return;
  from.setAttribute("tabindex", "-1");
  to.setAttribute("tabindex", "0");
  to.focus();
});
