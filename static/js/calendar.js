// The month: drag a post to another day, Shift and arrows do the same from the keyboard, arrows alone walk the chips,
// a click into the empty part of a day writes a post for it. The server answers "calendar-changed" and the month loads anew.
const WORK = "[data-calendar]";
const movable = (chip) => chip.matches(".is-scheduled, .is-draft") && chip.closest(WORK);
let dragged = null;

function arm(root) {
  for (const chip of root.querySelectorAll?.(`${WORK} .chip`) ?? []) if (movable(chip)) chip.draggable = true;
}

function move(chip, day) {
  if (!day || day === chip.closest(".day")) return;
  chip.setAttribute("aria-busy", "true");
  const action = new URL("move/", chip.href).pathname;
  document.body.dataset.focusAfter = new URL(chip.href).pathname;
  htmx.ajax("POST", action, { values: { day: day.dataset.day }, swap: "none", target: document.body }).finally?.(() => chip.removeAttribute("aria-busy"));
}

document.addEventListener("dragstart", (event) => {
  const chip = event.target.closest?.(`${WORK} .chip`);
  if (!chip || !movable(chip)) return;
  dragged = chip;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", chip.href);
});

document.addEventListener("dragover", (event) => {
  const day = dragged && event.target.closest?.(".day");
  document.querySelectorAll(".day[data-over]").forEach((other) => other !== day && other.removeAttribute("data-over"));
  if (!day) return;
  event.preventDefault();
  day.toggleAttribute("data-over", true);
});

document.addEventListener("drop", (event) => {
  const day = dragged && event.target.closest?.(".day");
  if (!day) return;
  event.preventDefault();
  move(dragged, day);
});

document.addEventListener("dragend", () => {
  dragged = null;
  document.querySelectorAll(".day[data-over]").forEach((day) => day.removeAttribute("data-over"));
});

document.addEventListener("keydown", (event) => {
  const chip = event.target.closest?.(".days .chip");
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
  if (!chip || !by || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const days = [...document.querySelectorAll(".days > .day")];
  const here = chip.closest(".day");
  if (event.shiftKey) return movable(chip) && move(chip, days[days.indexOf(here) + by]);
  const beside = Math.abs(by) === 7 && (by > 0 ? chip.nextElementSibling : chip.previousElementSibling);
  if (beside?.matches?.(".chip")) return beside.focus();
  for (let at = days.indexOf(here) + by; days[at]; at += by) {
    const found = days[at].querySelector(".chip");
    if (found) return found.focus();
  }
});

// "Undo" brings the post back, and the focus to it.
document.addEventListener("htmx:beforeRequest", (event) => {
  const undo = event.detail.elt;
  if (undo.matches?.(".toast-undo") && document.querySelector(WORK)) document.body.dataset.focusAfter = new URL("..", undo.action).pathname;
});

document.addEventListener("click", (event) => {
  const day = event.target.closest?.("[data-new] .day");
  if (!day || event.target.closest("a") || getSelection().toString()) return;
  location.assign(`${day.closest("[data-new]").dataset.new}?day=${day.dataset.day}`);
});

arm(document);
document.addEventListener("htmx:load", (event) => {
  arm(event.detail.elt);
  const wanted = document.body.dataset.focusAfter;
  const chip = wanted && event.detail.elt.querySelector?.(`.chip[href$="${wanted.split("/").at(-2)}/"]`);
  if (!chip) return;
  chip.focus({ preventScroll: true });
  delete document.body.dataset.focusAfter;
});

// On a phone the agenda opens at today, not at the first of the month.
if (matchMedia("(max-width: 55.99rem)").matches && !location.hash) document.querySelector(".day.is-today")?.scrollIntoView();
