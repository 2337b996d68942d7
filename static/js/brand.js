// The brand kit's sample card follows what is typed. Without this, "Show without saving" does the same.
const COLOURS = ["primary", "secondary", "accent"];
const NAMES = {
  name: "name",
  trade: "trade",
  voice: "voice",
  visual_style: "style",
  website: "signature",
  heading_font: "heading_font",
  body_font: "body_font",
};

const TENTHS = { minimumFractionDigits: 1, maximumFractionDigits: 1 };

// WCAG 2.2 relative luminance; `apps.brand.colours` says the same on the server.
function luminance(colour) {
  const [r, g, b] = colour.match(/\w\w/g).map((hex) => {
    const part = parseInt(hex, 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function read(form) {
  const list = form.querySelector(".brand-reading");
  const colour = (name) => form.elements[name]?.value ?? "#ffffff";
  for (const line of list?.children ?? []) {
    const [words, ground] = [colour(line.dataset.words), colour(line.dataset.ground)];
    const [light, dark] = [luminance(words), luminance(ground)].sort((one, other) => other - one);
    const ratio = (light + 0.05) / (dark + 0.05);
    const tone = ratio >= 4.5 ? "success" : ratio >= 3 ? "warning" : "danger";
    line.querySelector("rect").setAttribute("fill", ground);
    line.querySelector("text").setAttribute("fill", words);
    line.querySelector(".badge").className = `badge badge-${tone}`;
    line.querySelector(".badge").textContent = list.dataset[tone];
    line.querySelector(".muted").textContent = `${ratio.toLocaleString(document.documentElement.lang, TENTHS)} : 1`;
  }
}

function follow(form) {
  const image = form.querySelector("[data-sample]");
  if (!image || form.dataset.ready) return;
  form.dataset.ready = "1";
  let waiting;
  const address = () => {
    const typed = new FormData(form);
    const query = new URLSearchParams(COLOURS.filter((name) => typed.has(name)).map((name) => ["colour", typed.get(name)]));
    for (const [name, parameter] of Object.entries(NAMES)) if (typed.get(name)) query.append(parameter, typed.get(name));
    return `${image.src.split("?")[0]}?${query}`;
  };
  form.addEventListener("input", () => {
    read(form);
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
