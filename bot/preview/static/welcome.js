// The first message: what Marquee is, and commands to try, each a press.

import { el } from "./dom.js";
import { state } from "./state.js";

const STEPS = [
  { line: "/film balerina", title: "Look a film up", hint: "Misspelt on purpose. The card’s buttons go on from there." },
  { line: "/recommend", title: "Get a recommendation", hint: "From your own ratings, each with its reason." },
  { line: "/tonight", title: "Find a film for three", hint: "Then choose who is watching in the menu." },
  { line: "/featured", title: "See what’s on the marquee", hint: "Sam, the moderator, can plan the next one with /pick." },
  { line: "/reviews parasite", title: "Read a review", hint: "Then press Rate on a card and write your own." },
];
const done = new Set();

/** Return the welcome message. `run(line)` sends a command and returns whether the bot took it. */
export function renderWelcome(run) {
  const bot = state.places.users[state.bot];
  const { welcome } = state;
  const chips = STEPS.map((step, index) => {
    const button = el("button", {
      type: "button", class: "chip", dataset: { line: step.line },
      onclick: async () => {
        button.setAttribute("aria-busy", "true");
        if (await run(step.line)) done.add(index);
        button.removeAttribute("aria-busy");
        mark();
      },
    }, el("span", { class: "chip-text" }, el("span", { class: "chip-title" }, step.title, el("span", { class: "chip-done", "aria-hidden": "true" })), el("code", { class: "chip-line" }, step.line), el("span", { class: "chip-hint" }, step.hint)));
    return el("li", {}, button);
  });
  function mark() {
    const next = STEPS.findIndex((_, index) => !done.has(index));
    chips.forEach((chip, index) => {
      const button = chip.firstElementChild;
      button.classList.toggle("is-done", done.has(index));
      button.classList.toggle("is-next", index === next);
      chip.querySelector(".chip-done").textContent = done.has(index) ? " ✓" : "";
    });
  }
  mark();
  return el("article", { class: "message-row welcome", "aria-label": "Welcome" },
    el("img", { class: "avatar", src: bot?.avatar ?? "", alt: "", width: "40", height: "40" }),
    el("div", { class: "message-body" },
      el("div", { class: "message-head" }, el("span", { class: "author" }, bot?.name ?? "Marquee"), el("span", { class: "app-badge" }, "APP")),
      el("h2", { class: "welcome-title" }, "Welcome to the film club"),
      el("p", {}, "I’m Marquee: I find any film however you spell it, keep your server’s ratings, reviews and watchlists, and recommend what to watch alone or together. Everything below is the real bot in a simulated Discord, so press a step, or type / and try what you like."),
      el("ol", { class: "chips", "aria-label": "Things to try" }, chips),
      el("p", { class: "subtext" }, welcome.is_first_visit
        ? `Mina, Jonas and Sam have rated ${welcome.ratings} films between them: be one of them with the buttons above. What you do is kept in ${welcome.database}.`
        : `Welcome back: what you did is still here, ${welcome.ratings} ratings among it. Only the conversation starts fresh. It is all kept in ${welcome.database}.`)));
}

