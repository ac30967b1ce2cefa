// Keys, selection, and what refreshes by itself. Without it the page still shows everything and decides.
"use strict";
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const cards = all(".card");
const bar = document.getElementById("decide");
let current = -1;

function go(to, scroll = true) {
  if (!cards.length) return;
  current = Math.max(0, Math.min(to, cards.length - 1));
  cards.forEach((card, number) => card.classList.toggle("current", number === current));
  if (scroll) {
    cards[current].scrollIntoView({ block: "start" });
    cards[current].focus({ preventScroll: true });
  }
}

const boxes = () => all('input[name="spot"]');
const picked = () => boxes().filter(box => box.checked);

function showBar() {
  if (!bar) return;
  const chosen = picked();
  bar.classList.toggle("up", chosen.length > 0);
  document.body.classList.toggle("deciding", chosen.length > 0);
  const count = bar.querySelector(".count");
  count.textContent = count.dataset.words.replace("#", chosen.length);
  bar.querySelector(".names").textContent = chosen.map(box => box.dataset.name).join(", ");
  all("button[data-words]", bar).forEach(button => (button.textContent = button.dataset.words.replace("#", chosen.length)));
  document.getElementById("every").checked = chosen.length > 0 && chosen.length === boxes().length;
  cards.forEach(card => card.classList.toggle("picked", !!card.querySelector('input[name="spot"]:checked')));
}

function ask(answer, card) {
  const box = card && card.querySelector('input[name="spot"]');
  if (!bar || (!picked().length && !box)) return;
  if (!picked().length) box.checked = true;
  bar.dataset.answer = answer;
  showBar();
  bar.elements.why.focus();
}

function letGo() {
  boxes().forEach(box => (box.checked = false));
  if (bar) delete bar.dataset.answer;
  showBar();
  document.activeElement.blur();
}

function play(video) {
  if (!video) return;
  all("video").forEach(other => other !== video && other.pause());
  if (video.paused) video.play(); else video.pause();
}

document.addEventListener("keydown", event => {
  if (event.key === "Escape") return letGo();
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input:not([type=checkbox]), select, textarea")) return;
  const card = cards[current];
  const does = {
    j: () => go(current + 1),
    k: () => go(current - 1),
    a: () => ask("approve", card),
    r: () => ask("refuse", card),
    x: () => { const box = card && card.querySelector('input[name="spot"]'); if (box) { box.checked = !box.checked; showBar(); } },
    " ": () => { if (event.target.closest("button, a, summary, input, video")) return false; go(Math.max(current, 0), current < 0); play(cards[current] && cards[current].querySelector("video")); },
  }[event.key.toLowerCase()];
  if (does && does() !== false) event.preventDefault();
});

document.addEventListener("click", event => {
  const on = selector => event.target.closest(selector);
  const card = on(".card");
  if (card) go(cards.indexOf(card), false);
  if (on("[data-answer]") && card) {
    boxes().forEach(box => (box.checked = false));
    ask(on("[data-answer]").dataset.answer, card);
  } else if (on("[data-reason]")) {
    bar.elements.why.value = on("[data-reason]").textContent;
    bar.elements.why.focus();
  } else if (on("[data-seek]")) {
    const video = card.querySelector("video");
    if (video) { video.currentTime = Number(on("[data-seek]").dataset.seek); video.play(); }
  } else if (on("[data-copy]")) {
    const button = on("[data-copy]");
    if (navigator.clipboard) navigator.clipboard.writeText(button.dataset.copy).then(() => (button.textContent = button.dataset.done));
  }
});

document.addEventListener("change", event => {
  if (event.target.id === "every") boxes().forEach(box => (box.checked = event.target.checked));
  if (event.target.matches('input[type="checkbox"]')) showBar();
  if (event.target.matches(".filter select")) event.target.form.requestSubmit();
});

if (bar) {
  // Enter answers what was asked for, which need not be the first button.
  bar.elements.why.addEventListener("keydown", event => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    if (bar.dataset.answer) bar.requestSubmit(bar.querySelector(`button[value="${bar.dataset.answer}"]`));
  });
  const who = bar.elements.who;
  if (who) {
    who.value = localStorage.getItem("who") || "";
    who.addEventListener("change", () => localStorage.setItem("who", who.value));
  }
  document.body.classList.add("scripted");
  showBar();
}

const fetched = async (address, kind) => { try { const answer = await fetch(address); return answer.ok ? answer[kind]() : null; } catch { return null; } };

async function renew(part, address) {
  const html = await fetched(address, "text");
  const made = html && new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
  if (made && made.dataset.foreseen && !made.dataset.poll) return location.reload();
  if (made) part.replaceWith(document.adoptNode(made));
}

async function refresh() {
  if (!document.hidden) for (const part of all("[data-poll]")) await renew(part, part.dataset.poll);
}

async function listen() {
  if (document.hidden || !document.body.dataset.pulse) return;
  const told = await fetched(document.body.dataset.pulse, "json");
  if (!told) return;
  const before = listen.told || told;
  listen.told = told;
  const changed = name => String(before[name]) !== String(told[name]);
  if (!changed("reports") && !changed("batches")) return;
  if ("reload" in document.body.dataset) return location.reload();
  if (changed("reports")) document.querySelector(".news").hidden = false;
  for (const part of all("[data-source]")) await renew(part, part.dataset.source);
}

const named = cards.findIndex(card => "#" + card.id === location.hash);
if (named >= 0) go(named, false);
setInterval(refresh, 2000);
setInterval(listen, 4000);
listen();
