// Toasts leave by themselves (later when something can be undone or read), never while looked at.
// Any script or an HX-Trigger header may ask for one: {"toast": {"text": "…"}}.
const region = document.getElementById("toasts");

function start(toast) {
  const wait = toast.querySelector("form, a") ? 12000 : 6000;
  let timer = setTimeout(() => toast.remove(), wait);
  const stay = () => clearTimeout(timer);
  const go = () => (stay(), (timer = setTimeout(() => toast.remove(), wait / 2)));
  toast.addEventListener("pointerenter", stay);
  toast.addEventListener("focusin", stay);
  toast.addEventListener("pointerleave", go);
  toast.addEventListener("focusout", go);
}

if (region) {
  region.querySelectorAll("[data-toast]").forEach(start);
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) if (node.matches?.("[data-toast]")) start(node);
  }).observe(region, { childList: true });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-toast-close]")) event.target.closest("[data-toast]").remove();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && event.detail.elt.matches?.(".toast-undo")) event.detail.elt.closest("[data-toast]")?.remove();
  });
  document.addEventListener("toast", (event) => {
    const toast = document.createElement("div");
    const words = document.createElement("div");
    toast.className = "toast";
    toast.dataset.toast = "";
    words.className = "toast-words";
    words.textContent = event.detail.text ?? event.detail.value;
    toast.append(words);
    region.append(toast);
  });
}
