// The first message: what Marquee is, and commands to try, each a press.

import { el } from "./dom.js";
import { act, state } from "./state.js";

const OWN_FILM = { Mina: "past lives", Jonas: "la la land", Sam: "whiplash" }; // rated by them, and not reviewed
const MEMBER_MENU = 5;
const STEPS = [
  { line: () => "/film balerina", title: "Look a film up", hint: "Misspelt on purpose. Rate it by the card’s button, and the next step knows you better." },
  { line: () => "/recommend", title: "Get a recommendation", hint: "From your own ratings, each with its reason. Alone, so far." },
  { line: () => "/tonight", title: "Find a film for three", hint: "Puts Mina, Jonas and Sam into the answer’s menu. Nobody agrees? See what the club watches anyway.", followUp: chooseEverybody },
  { line: () => "/featured", title: "See what’s on the marquee", hint: "The film of the week. Press I’m in, and say afterwards how it was." },
  { line: () => `/review edit ${OWN_FILM[viewerName()] ?? "parasite"}`, title: "Write a review", hint: "Opens the form with your stars in it. Everybody reads it with /reviews." },
];
const done = new Set();

const viewerName = () => state.people.find((each) => each.id === state.viewer)?.name;

/** Choose all three people in the menu of the answer, as one does by hand, once the answer is there. */
async function chooseEverybody(isNew) {
  for (let wait = 0; wait < 100; wait++) {
    const message = state.history[state.current]?.messages.findLast((each) => isNew(each) && each.interaction_metadata?.user.id === state.viewer);
    const menu = message?.components.flatMap((row) => row.components ?? row).find((each) => each.type === MEMBER_MENU);
    if (menu) {
      await act("select", { channel: message.channel_id, message: message.id, custom_id: menu.custom_id, component_type: menu.type, values: state.people.map((each) => each.id) });
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Return the welcome message. `run(line)` sends a command and returns whether the bot took it. */
export function renderWelcome(run) {
  const bot = state.places.users[state.bot];
  const { welcome } = state;
  const chips = STEPS.map((step, index) => {
    const line = step.line();
    const button = el("button", {
      type: "button", class: "chip", dataset: { line },
      onclick: async () => {
        if (button.getAttribute("aria-busy")) return;
        button.setAttribute("aria-busy", "true");
        const known = new Set(state.history[state.current]?.messages.map((each) => each.id));
        if (await run(line)) {
          await step.followUp?.((message) => !known.has(message.id));
          done.add(index);
        }
        button.removeAttribute("aria-busy");
        mark();
      },
    }, el("span", { class: "chip-text" }, el("span", { class: "chip-title" }, step.title, el("span", { class: "chip-done", "aria-hidden": "true" })), el("code", { class: "chip-line" }, line), el("span", { class: "chip-hint" }, step.hint)));
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
        : `Welcome back! Everything you did is still here, including ${welcome.ratings} ratings; only the conversation starts fresh. It is kept in ${welcome.database}.`)));
}

