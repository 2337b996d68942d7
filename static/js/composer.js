// The composer saves by itself (htmx). A button waits for a save that is under way, so that it sends the version that
// save made, and nothing is saved any more once the form is on its way.
const saving = (form) => form.classList.contains("htmx-request");

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches?.("[data-composer]") || !saving(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (form.dataset.waiting !== undefined) return;
  form.dataset.waiting = "";
  const button = event.submitter;
  button?.setAttribute("aria-busy", "true");
  const again = () => form.requestSubmit(button?.isConnected ? button : document.getElementById(button?.id)); // drawn anew
  form.addEventListener("htmx:afterRequest", (event) => {
    delete form.dataset.waiting;
    if (event.detail.xhr.status) setTimeout(again, 100); // what the answer brought is drawn by then
    else button?.removeAttribute("aria-busy"); // no network: the words stay, and the button can be pressed again
  }, { once: true });
}, true);

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.matches?.("[data-composer]") && event.detail.elt.dataset.sent !== undefined) event.preventDefault();
});

// htmx takes the button that has the focus for one that was pressed, and sends the form to where that button leads: with
// the focus on "Publish now" a save would publish. A save goes to the form's own address, without any button.
document.addEventListener("htmx:configRequest", (event) => {
  const form = event.detail.elt;
  if (!form.matches?.("[data-composer]")) return;
  event.detail.path = form.getAttribute("hx-post");
  form.querySelectorAll("button[name]").forEach((button) => event.detail.formData.delete(button.name));
});
