// allauth's passkey scripts tell of a failure by an event; the sentence for it waits on the page.
document.addEventListener("allauth.error", (event) => {
  const problem = document.getElementById("passkey-problem");
  if (!problem) return;
  event.preventDefault();
  problem.hidden = false;
});
