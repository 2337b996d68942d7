// Marks the page as scripted and keeps what every page needs: busy buttons and the person's own appearance.
document.documentElement.dataset.js = "";

// A submit button shows that it was pressed and cannot send the form twice; htmx says itself when it is done.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const form = event.target;
  if (form.dataset.sent !== undefined) return event.preventDefault();
  const button = event.submitter;
  if (!button || form.method === "dialog" || form.closest("dialog[open]") === null && form.target) return;
  form.dataset.sent = "";
  setTimeout(() => busy(button, true));
  setTimeout(() => release(form), 15000);
});

document.addEventListener("htmx:beforeRequest", (event) => busy(pressed(event), true));
document.addEventListener("htmx:afterRequest", (event) => busy(pressed(event), false));
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  document.querySelectorAll("form[data-sent]").forEach(release);
  document.querySelectorAll("a[aria-busy]").forEach((link) => busy(link, false));
});

// So does a link to another page of ours.
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || link.target) return;
  if (link.origin !== location.origin || link.href.split("#")[0] === location.href.split("#")[0]) return;
  busy(link, true);
  setTimeout(() => busy(link, false), 5000); // a download brings no other page
});

function pressed(event) {
  const source = event.detail.requestConfig?.triggeringEvent?.submitter ?? event.detail.elt;
  return source.matches?.("button[data-busy], button[type=submit], a") ? source : null;
}

function busy(button, is) {
  if (!button) return;
  button.toggleAttribute("aria-busy", is);
  if (is) button.setAttribute("aria-busy", "true");
  const label = button.querySelector(".button-label");
  if (!label || !button.dataset.busy) return;
  if (is) label.dataset.words ??= label.textContent;
  label.textContent = is ? button.dataset.busy : label.dataset.words ?? label.textContent;
}

function release(form) {
  delete form.dataset.sent;
  form.querySelectorAll("[aria-busy]").forEach((button) => busy(button, false));
}

// What htmx draws anew may have held the focus: it goes to what now stands in that place, and is never lost.
let places = [];
document.addEventListener("htmx:beforeSwap", () => {
  places = [];
  for (let box = document.activeElement; box && box !== document.body; box = box.parentElement) if (box.id) places.push(box.id);
});
document.addEventListener("htmx:afterSettle", () => {
  if (document.activeElement && document.activeElement !== document.body) return;
  const place = places.map((id) => document.getElementById(id)).find(Boolean);
  if (!place) return;
  const controls = [...place.querySelectorAll("a[href], button, input, select, textarea, summary")];
  const first = controls.find((control) => control.tabIndex >= 0 && !control.disabled && control.offsetParent);
  if (!first) place.tabIndex = -1;
  (first ?? place).focus({ preventScroll: true });
});

// Appearance: at once, and remembered by the server's cookie.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!event.submitter?.closest("[data-theme-switch]")) return;
  event.preventDefault();
  release(form);
  const chosen = event.submitter.value;
  document.documentElement.dataset.theme = chosen;
  document.querySelectorAll("[data-theme-switch] button").forEach((b) => b.setAttribute("aria-pressed", b.value === chosen));
  fetch(form.action, { method: "POST", body: new FormData(form, event.submitter), redirect: "manual" });
}, true);

// The person's own time zone where a form asks for one and has none yet: <select data-guess-zone>.
for (const control of document.querySelectorAll("[data-guess-zone]")) {
  const guess = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const untouched = !control.value || control.value === "UTC";
  if (untouched && guess && (!control.options || [...control.options].some((o) => o.value === guess))) control.value = guess;
}

// Where a row of tabs is wider than the screen, the tab of this page is in sight.
for (const tab of document.querySelectorAll(".tab[aria-current]")) {
  const row = tab.parentElement;
  row.scrollLeft = tab.offsetLeft - row.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
}

// "/" leads to the search of a page that has one, unless something is being typed.
document.addEventListener("keydown", (event) => {
  const search = document.querySelector("[data-search]");
  if (event.key !== "/" || !search || event.target.closest("input, textarea, select")) return;
  event.preventDefault();
  search.select();
});

// Passwords can be looked at.
for (const input of document.querySelectorAll("input[type=password][data-reveal]")) {
  const box = document.createElement("div");
  const button = document.createElement("button");
  box.className = "password";
  button.type = "button";
  const say = () => (button.textContent = input.type === "password" ? input.dataset.reveal : input.dataset.hide);
  button.addEventListener("click", () => ((input.type = input.type === "password" ? "text" : "password"), say()));
  say();
  input.replaceWith(box);
  box.append(input, button);
}
