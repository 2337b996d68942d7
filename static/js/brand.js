// The brand kit's sample card follows what is typed. Without this, "Show without saving" does the same.
const NAMES = { visual_style: "style", website: "signature", heading_font: "heading_font", body_font: "body_font" };

function follow(form) {
  const image = form.querySelector("[data-sample]");
  if (!image || form.dataset.ready) return;
  form.dataset.ready = "1";
  let waiting;
  const address = () => {
    const typed = new FormData(form);
    const query = new URLSearchParams(["primary", "secondary", "accent"].map((name) => ["colour", typed.get(name)]));
    for (const [name, parameter] of Object.entries(NAMES)) if (typed.get(name)) query.append(parameter, typed.get(name));
    return `${image.src.split("?")[0]}?${query}`;
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      image.setAttribute("aria-busy", "true");
      image.src = address();
    }, 350);
  });
  for (const done of ["load", "error"]) image.addEventListener(done, () => image.removeAttribute("aria-busy"));
}

const bindAll = (root) => root.querySelectorAll("[data-brand-look]").forEach(follow);
bindAll(document);
document.addEventListener("htmx:load", (event) => bindAll(event.detail.elt));
