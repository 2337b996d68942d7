// The composer saves by itself (htmx). A button waits for a save that is under way, so that it sends the version that
// save made, and nothing is saved any more once the form is on its way.
const saving = (form) => form.classList.contains("htmx-request");

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches?.("[data-composer]") || !saving(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const button = event.submitter;
  const again = () => form.requestSubmit(document.body.contains(button) ? button : [...form.querySelectorAll("[type=submit]")].find((other) => other.formAction === button.formAction && other.name === button.name));
  form.addEventListener("htmx:afterSettle", () => setTimeout(again), { once: true });
}, true);

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.matches?.("[data-composer]") && event.detail.elt.dataset.sent !== undefined) event.preventDefault();
});

// A picture that is being checked: ask again until it is ready.
let waiting = 0;
function watch() {
  clearTimeout(waiting);
  const form = document.querySelector("[data-composer]");
  if (form?.querySelector("[data-pending]")) waiting = setTimeout(() => htmx.trigger(form, "pictures-pending"), 2000);
}
watch();
document.addEventListener("htmx:afterSettle", watch);
