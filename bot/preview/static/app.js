// The page: what is shown where, and what the server tells meanwhile.

import { byId, el, toast } from "./dom.js";
import { Composer } from "./composer.js";
import { refreshTimes, timestamp } from "./markdown.js";
import { renderMessage } from "./messages.js";
import { act, channelOf, now, state } from "./state.js";
import { renderWelcome } from "./welcome.js";

const MOST_SHOWN = 120; // messages in the page at once; earlier ones come when somebody asks
const NEAR_END = 80; // pixels from the end within which the page follows what is new
const SPEEDS = [[0, "Pause"], [1, "1×"], [60, "1 min/s"], [3600, "1 h/s"], [86400, "1 day/s"], [604800, "1 week/s"]];
const log = byId("log");
const list = byId("messages");
const unread = new Map();
let stream = null;
let followed = null; // the message that must stay in sight, until somebody scrolls
let expectsAnswer = 0; // until when a new message is taken for the answer to what the visitor did
let answer = null; // the first message of the answer to what the visitor did last
let place = "";

const composer = new Composer(byId("composer"), { onSend: expectAnswer });

function expectAnswer() {
  expectsAnswer = Date.now() + 15000;
  answer = null;
}

// -------------------------------------------------------------- connection

function connect(viewer) {
  stream?.close();
  const opened = new EventSource(`/events?viewer=${encodeURIComponent(viewer)}`);
  stream = opened;
  opened.onmessage = (event) => handle(JSON.parse(event.data));
  opened.onerror = () => {
    document.documentElement.classList.add("is-offline");
    if (opened.readyState === EventSource.CLOSED && stream === opened) setTimeout(() => connect(viewer), 2000);
  };
  opened.onopen = () => document.documentElement.classList.remove("is-offline");
}

function handle(event) {
  if (event.type === "state") takeState(event);
  else if (event.type === "message") takeMessage(event.message);
  else if (event.type === "gone") takeRemoval(event.channel, event.id);
  else if (event.type === "places") takePlaces(event.places);
  else if (event.type === "clock") takeClock(event);
}

function takeState(event) {
  const isNewPerson = state.viewer !== event.viewer;
  Object.assign(state, { viewer: event.viewer, bot: event.bot, people: event.people, places: event.places, commands: event.commands, history: event.history, welcome: event.welcome });
  takeClock(event.clock);
  const known = state.places.channels.some((each) => each.id === state.current);
  const wasDirect = place === "direct";
  const direct = state.places.channels.find((each) => each.kind === "direct");
  if (isNewPerson) unread.clear();
  document.documentElement.dataset.viewer = state.viewer;
  showPeople();
  openChannel(known ? state.current : wasDirect ? direct.id : event.first);
}

function takePlaces(places) {
  state.places = places;
  for (const channel of places.channels) state.history[channel.id] ??= { messages: [], has_earlier: false };
  showPlaces();
  showHead();
  for (const item of list.children) rerenderIfStarter(item);
}

/** Draw the message anew that a thread was started from: it gets a link to it. */
function rerenderIfStarter(item) {
  const { id } = item.dataset;
  if (channelOf(id)?.kind === "thread" && !item.querySelector(".thread-link")) takeMessage(state.history[state.current].messages.find((each) => each.id === id));
}

function takeMessage(message) {
  if (!message) return;
  const history = (state.history[message.channel_id] ??= { messages: [], has_earlier: false });
  const index = history.messages.findIndex((each) => each.id === message.id);
  if (index !== -1) history.messages[index] = message;
  else history.messages.push(message);
  if (message.channel_id !== state.current) {
    if (index === -1 && message.author.id !== state.viewer) {
      unread.set(message.channel_id, (unread.get(message.channel_id) ?? 0) + 1);
      showPlaces();
    }
    return;
  }
  if (index !== -1) replaceMessage(message, index, history);
  else addMessage(message, history);
}

function takeRemoval(channel, id) {
  const history = state.history[channel];
  if (!history) return;
  const index = history.messages.findIndex((each) => each.id === id);
  if (index === -1) return;
  history.messages.splice(index, 1);
  if (channel !== state.current) return;
  const item = byId(`message-${id}`);
  const hadFocus = item?.contains(document.activeElement);
  item?.remove();
  if (history.messages[index]) replaceMessage(history.messages[index], index, history);
  if (hadFocus) log.focus();
}

// ---------------------------------------------------------------- messages

const context = { onOpenChannel: openChannel, onAnswer: expectAnswer, onReply: (message, name) => composer.replyTo(message, name) };

function drawMessage(message, index, history) {
  return renderMessage(message, history.messages[index - 1], context);
}

function replaceMessage(message, index, history) {
  const old = byId(`message-${message.id}`);
  if (!old) return;
  const focused = old.contains(document.activeElement) ? document.activeElement.dataset.key ?? "" : null;
  const opened = [...old.querySelectorAll(".spoiler")].map((each) => each.classList.contains("is-open"));
  const isAtEnd = atEnd();
  const fresh = drawMessage(message, index, history);
  const spoilers = [...fresh.querySelectorAll(".spoiler")];
  if (spoilers.length === opened.length) spoilers.forEach((each, number) => opened[number] && each.click());
  old.replaceWith(fresh);
  if (followed === old) followed = fresh;
  if (answer === old) answer = fresh;
  if (focused !== null) (fresh.querySelector(`[data-key="${CSS.escape(focused)}"]`) ?? log).focus({ preventScroll: true });
  if (followed) keepInSight();
  else if (isAtEnd && index === history.messages.length - 1) follow(fresh);
}

function addMessage(message, history) {
  const isMine = message.author.id === state.viewer;
  const isAnswer = isMine || (Date.now() < expectsAnswer && message.author.id === state.bot);
  const follows = isAnswer || atEnd() || followed;
  if (message.interaction_metadata?.user.id === state.viewer) composer.handleAnswer();
  const item = drawMessage(message, history.messages.length - 1, history);
  list.append(item);
  while (follows && list.children.length > MOST_SHOWN) list.firstElementChild.remove();
  showEarlier();
  if (isAnswer && !answer?.isConnected) answer = item;
  if (follows) follow(isAnswer ? answer : item);
  else byId("jump").hidden = false;
}

const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END;

/** Keep a message in sight: its end, or its beginning where it is taller than the page. */
function follow(item) {
  followed = item;
  byId("jump").hidden = true;
  keepInSight();
}

function keepInSight() {
  if (!followed?.isConnected) return;
  const top = followed.offsetTop - 8; // the log is its offset parent
  log.scrollTop = Math.min(log.scrollHeight - log.clientHeight, top);
}

new ResizeObserver(keepInSight).observe(list);
new ResizeObserver(keepInSight).observe(log);
for (const name of ["wheel", "touchmove", "pointerdown"]) log.addEventListener(name, () => (followed = null), { passive: true });
log.addEventListener("keydown", (event) => ["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"].includes(event.key) && (followed = null));
log.addEventListener("scroll", () => {
  if (atEnd()) byId("jump").hidden = true;
}, { passive: true });
byId("jump").addEventListener("click", () => list.lastElementChild && follow(list.lastElementChild));

function showMessages() {
  const history = state.history[state.current] ?? { messages: [], has_earlier: false };
  const first = Math.max(0, history.messages.length - MOST_SHOWN);
  list.replaceChildren(...history.messages.slice(first).map((each, index) => drawMessage(each, first + index, history)));
  byId("welcome").replaceChildren();
  if (channelOf(state.current)?.kind === "channel" && state.current === firstChannel()) byId("welcome").append(renderWelcome((line) => composer.run(line)));
  else byId("welcome").append(beginning());
  showEarlier();
  byId("jump").hidden = true;
  followed = null;
  if (list.lastElementChild) follow(list.lastElementChild);
  else log.scrollTop = 0;
}

const firstChannel = () => state.places.channels.find((each) => each.kind === "channel")?.id;

function beginning() {
  const channel = channelOf(state.current);
  const text = channel?.kind === "direct" ? "Say what you’d like to see: “a funny film with a bear”. Alerts and reminders arrive here, too."
    : channel?.kind === "thread" ? "This is the beginning of the thread." : channel?.topic ?? "";
  return el("div", { class: "beginning" }, el("h2", { class: "welcome-title" }, channel?.kind === "channel" ? `#${channel.name}` : channel?.name), el("p", {}, text));
}

function showEarlier() {
  const history = state.history[state.current];
  const isCut = list.firstElementChild && history.messages[0]?.id !== list.firstElementChild.dataset.id;
  byId("earlier").hidden = !(history?.has_earlier || isCut);
  byId("welcome").hidden = !byId("earlier").hidden;
}

byId("earlier").addEventListener("click", async () => {
  const history = state.history[state.current];
  const firstShown = list.firstElementChild;
  let index = history.messages.findIndex((each) => each.id === firstShown?.dataset.id);
  if (index <= 0 && history.has_earlier) {
    const query = new URLSearchParams({ channel: state.current, before: firstShown.dataset.id, viewer: state.viewer });
    const page = await (await fetch(`/messages?${query}`)).json();
    history.messages.unshift(...page.messages);
    history.has_earlier = page.has_earlier;
    index = page.messages.length;
  }
  const from = Math.max(0, index - 60);
  followed = null;
  const height = log.scrollHeight;
  firstShown.before(...history.messages.slice(from, index).map((each, number) => drawMessage(each, from + number, history)));
  log.scrollTop += log.scrollHeight - height;
  showEarlier();
});

// ---------------------------------------------------- channels and people

document.addEventListener("open-channel", (event) => openChannel(event.detail));
document.addEventListener("use-command", (event) => composer.begin(event.detail));

function openChannel(id) {
  const channel = channelOf(id);
  if (!channel) return;
  const isChange = state.current !== id;
  state.current = id;
  place = channel.kind;
  unread.delete(id);
  showPlaces();
  showHead();
  showMessages();
  closeSidebar();
  if (isChange || !composer.command) composer.reset();
}

function placeMark(channel) {
  if (channel.kind === "thread") return el("span", { class: "icon is-thread", "aria-hidden": "true" });
  return el("span", { class: "place-mark", "aria-hidden": "true" }, channel.kind === "direct" ? "@" : "#");
}

function showHead() {
  const channel = channelOf(state.current);
  if (!channel) return;
  byId("place-name").replaceChildren(placeMark(channel), " ", channel.name);
  byId("place-topic").textContent = channel.topic;
  byId("server-name").textContent = state.places.server;
  log.setAttribute("aria-label", `Messages in ${channel.name}`);
  document.title = `${{ direct: "@", channel: "#" }[channel.kind] ?? ""}${channel.name} · Marquee`;
}

function showPlaces() {
  const line = (channel) => el("li", {}, el("button", {
    type: "button", class: `place is-${channel.kind}${unread.has(channel.id) ? " is-unread" : ""}`, "aria-current": channel.id === state.current ? "page" : undefined,
    dataset: { channel: channel.id }, onclick: () => openChannel(channel.id),
  }, channel.kind === "direct" ? el("img", { class: "tiny-avatar", src: state.places.users[state.bot]?.avatar ?? "", alt: "", width: "24", height: "24" }) : placeMark(channel),
  el("span", { class: "place-label" }, channel.name), unread.has(channel.id) && el("span", { class: "badge", "aria-label": `${unread.get(channel.id)} new` }, String(unread.get(channel.id)))));
  const of = (kind) => state.places.channels.filter((each) => each.kind === kind);
  const voice = of("voice").map((channel) => el("li", { class: "place is-voice" }, el("span", { class: "icon is-voice", "aria-hidden": "true" }), el("span", { class: "place-label" }, channel.name)));
  const channels = of("channel").flatMap((channel) => [line(channel), ...of("thread").filter((each) => each.parent === channel.id).map(line)]);
  byId("places").replaceChildren(
    ...(state.places.events.length ? [el("h2", { class: "places-head" }, "Events"), el("ul", { class: "place-list" }, state.places.events.map(eventLine))] : []),
    el("h2", { class: "places-head" }, "Channels"), el("ul", { class: "place-list" }, channels, voice),
    el("h2", { class: "places-head" }, "Direct messages"), el("ul", { class: "place-list" }, of("direct").map(line)));
  const waiting = [...unread.values()].reduce((sum, each) => sum + each, 0);
  byId("open-sidebar").classList.toggle("is-unread", waiting > 0);
  byId("open-sidebar").setAttribute("aria-label", waiting ? `Channels, ${waiting} new messages` : "Channels");
}

function eventLine(event) {
  const place = channelOf(event.place)?.name ?? event.location;
  const interest = el("button", {
    type: "button", class: "interest", "aria-pressed": String(event.is_interested), "aria-label": `Interested in ${event.name}, ${event.interested} so far`,
    onclick: async () => {
      const reply = await act("interest", { event: event.id, interested: !event.is_interested });
      if (reply.error) toast(reply.error);
    },
  }, `${event.is_interested ? "✓ " : ""}Interested · ${event.interested}`);
  return el("li", { class: "event" },
    el("p", { class: "event-time" }, event.is_active ? "Happening now" : timestamp(Date.parse(event.starts_at) / 1000, "f")),
    el("p", { class: "event-name" }, event.name), place && el("p", { class: "event-place" }, place), interest);
}

function showPeople() {
  const group = byId("people");
  const be = (id) => {
    if (id !== state.viewer) connect(id);
  };
  const buttons = state.people.map((person) => el("button", {
    type: "button", class: "person", role: "radio", "aria-checked": String(person.id === state.viewer), tabindex: person.id === state.viewer ? "0" : "-1",
    "aria-label": person.is_moderator ? `${person.name}, moderator` : person.name, title: person.is_moderator ? `Be ${person.name}, the moderator` : `Be ${person.name}`,
    dataset: { person: person.id }, onclick: () => be(person.id),
    onkeydown: (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const next = state.people[(state.people.indexOf(person) + step + state.people.length) % state.people.length];
      group.dataset.focus = next.id;
      be(next.id);
    },
  }, el("img", { class: "person-avatar", src: state.places.users[person.id].avatar, alt: "", width: "28", height: "28" }),
  el("span", { class: "person-name" }, person.name, person.is_moderator && el("span", { class: "person-role" }, " mod"))));
  const hadFocus = group.contains(document.activeElement) || group.dataset.focus;
  group.replaceChildren(...buttons);
  if (hadFocus) group.querySelector("[aria-checked=true]")?.focus();
  delete group.dataset.focus;
}

// ------------------------------------------------------------------- clock

function takeClock(event) {
  state.clock = { ...event, received: Date.now() };
  const box = byId("clock");
  box.hidden = !event.is_shown;
  if (!event.is_shown) return;
  if (!box.children.length) {
    box.append(el("output", { class: "clock-time", id: "clock-time" }), el("span", { class: "speeds" }, SPEEDS.map(([speed, label]) => el("button", {
      type: "button", class: "speed", dataset: { speed }, "aria-label": speed ? `Speed ${label}` : "Pause the clock",
      onclick: async () => {
        const reply = await act("speed", { speed });
        if (reply.error) toast(reply.error);
      },
    }, label))));
  }
  for (const each of box.querySelectorAll(".speed")) each.setAttribute("aria-pressed", String(Number(each.dataset.speed) === event.speed));
  showTime();
}

const clockFormat = new Intl.DateTimeFormat("en", { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });

function showTime() {
  const output = document.getElementById("clock-time");
  if (output) output.textContent = clockFormat.format(new Date(now() * 1000));
}

setInterval(() => {
  refreshTimes();
  showTime();
}, 1000);

// ----------------------------------------------------------- sidebar, theme

function closeSidebar() {
  const wasOpen = document.body.classList.contains("has-sidebar");
  document.body.classList.remove("has-sidebar");
  byId("scrim").hidden = true;
  byId("open-sidebar").setAttribute("aria-expanded", "false");
  if (wasOpen) byId("open-sidebar").focus();
}

byId("open-sidebar").addEventListener("click", () => {
  document.body.classList.add("has-sidebar");
  byId("scrim").hidden = false;
  byId("open-sidebar").setAttribute("aria-expanded", "true");
  byId("places").querySelector("[aria-current]")?.focus();
});
byId("close-sidebar").addEventListener("click", closeSidebar);
byId("scrim").addEventListener("click", closeSidebar);
document.addEventListener("keydown", (event) => event.key === "Escape" && document.body.classList.contains("has-sidebar") && closeSidebar());

const prefersLight = matchMedia("(prefers-color-scheme: light)");
const themeNow = () => localStorage.getItem("theme") ?? (prefersLight.matches ? "light" : "dark");

function showTheme() {
  document.documentElement.dataset.theme = themeNow();
  byId("theme").textContent = themeNow() === "dark" ? "☀ Light theme" : "☾ Dark theme";
}

byId("theme").addEventListener("click", () => {
  localStorage.setItem("theme", themeNow() === "dark" ? "light" : "dark");
  showTheme();
});
prefersLight.addEventListener("change", showTheme);
showTheme();

// Wherever somebody types without having chosen a field, they mean the composer.
document.addEventListener("keydown", (event) => {
  const isText = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (isText && !document.querySelector("dialog[open]") && [document.body, log].includes(document.activeElement)) (composer.command ? composer.more : composer.text).focus();
});

connect("");
