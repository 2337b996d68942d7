// What changes by itself: the element with data-live (a page has one at most) asks for itself anew on the event "look".
// News of the events process bring it, and after each a page is up to date. Where none come, data-live-every does.
const CALM = 30000; // ms between two looks while news come, because one may get lost
const HIDDEN = 15000; // ms out of sight until a page stops: a browser has few connections to a site
const LONGEST = 60000; // ms between two tries to reach the events process
const PATIENCE = 10000; // ms an answer may take
let stream, topic, poll, again, hiding;
let isTold = false, isAsleep = false, isDue = false, askedAt = 0, wait = 1000;

const found = () => document.querySelector("[data-live]");
const isAsking = () => Date.now() - askedAt < PATIENCE;
const isUsed = (live) => live.querySelector("[data-menu][open]"); // it would close

function look() {
  const live = found();
  isDue = Boolean(live) && !isAsleep;
  if (!isDue || isAsking() || isUsed(live)) return;
  isDue = false;
  askedAt = Date.now();
  htmx.trigger(live, "look");
}

function schedule() {
  clearTimeout(poll);
  const live = found();
  if (!live || isAsleep) return;
  poll = setTimeout(() => (isAsking() || look(), schedule()), isTold && !isDue ? CALM : live.dataset.liveEvery);
}

function tell(is) {
  isTold = is;
  if (is) look();
  schedule();
}

function close() {
  clearTimeout(again);
  stream?.close();
  stream = null;
  tell(false);
}

function open() {
  close();
  const live = found();
  topic = live?.dataset.live;
  if (!live?.dataset.liveFrom || isAsleep || !window.EventSource) return;
  stream = new EventSource(live.dataset.liveFrom);
  stream.addEventListener("ready", () => ((wait = 1000), tell(true)));
  stream.addEventListener("silent", () => tell(false));
  stream.addEventListener("news", () => tell(true));
  stream.addEventListener("error", () => {
    close();
    again = setTimeout(open, wait * (1 + Math.random()));
    wait = Math.min(wait * 2, LONGEST);
  });
}

function sleep() {
  isAsleep = true;
  close();
}

function rise() {
  clearTimeout(hiding);
  if (!isAsleep) return;
  isAsleep = false;
  open();
  look();
}

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.requestConfig?.triggeringEvent?.type === "look") askedAt = 0;
  if (found()?.dataset.live !== topic) return open();
  if (isDue) look();
  schedule();
});
function heed() {
  if (document.hidden) hiding = setTimeout(sleep, HIDDEN);
  else rise();
}

document.addEventListener("visibilitychange", heed);
addEventListener("pagehide", sleep);
addEventListener("pageshow", heed);
open();
