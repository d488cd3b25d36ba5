// Discord's markdown, as DOM nodes. Whatever is not understood stays text.

import { append, el } from "./dom.js";
import { channelOf, now, state } from "./state.js";

const LINK = /\[((?:\\.|[^\[\]\\])+)\]\(<?(https?:\/\/[^\s<>()]*(?:\([^\s()]*\)[^\s<>()]*)*)>?(?: +"[^"]*")?\)/y;
const BARE_LINK = /<?(https?:\/\/[^\s<>]*[^\s<>.,:;"'\])}])>?/y;
const TIME = /<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y;
const MENTION = /<(@!?|@&|#)(\d{1,20})>/y;
const COMMAND = /<\/([^:<>]{1,100}):(\d{1,20})>/y;
const EMOJI = /<a?:(\w{1,32}):\d{1,20}>/y;
const EVERYONE = /@(everyone|here)\b/y;
const CODE = /(`+)([^]*?[^`])\1(?!`)/y;
const MARKS = [
  ["***", (inner) => el("em", {}, el("strong", {}, inner))],
  ["**", (inner) => el("strong", {}, inner)],
  ["__", (inner) => el("u", {}, inner)],
  ["~~", (inner) => el("s", {}, inner)],
  ["||", (inner) => spoiler(inner)],
  ["*", (inner) => el("em", {}, inner)],
  ["_", (inner) => el("em", {}, inner)],
];

/** Return the nodes of a text with blocks: headings, quotes, lists, code. */
export function markdown(text) {
  const nodes = [];
  const lines = (text ?? "").split("\n");
  let paragraph = [];
  const flush = () => {
    if (paragraph.length) nodes.push(el("p", {}, inline(paragraph.join("\n"))));
    paragraph = [];
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    let match;
    if (line.startsWith("```")) {
      const end = findFence(lines, i);
      if (end !== -1) {
        flush();
        const body = lines.slice(i, end + 1).join("\n").replace(/^```(?:[\w+-]*\n)?/, "").replace(/\n?```$/, "");
        nodes.push(el("pre", { tabindex: "0" }, el("code", {}, body)));
        i = end;
        continue;
      }
    }
    if ((match = /^(#{1,3})\s+(.+)$/.exec(line))) {
      flush();
      nodes.push(el("div", { class: `heading heading-${match[1].length}`, role: "heading", "aria-level": "3" }, inline(match[2])));
    } else if ((match = /^-#\s+(.+)$/.exec(line))) {
      flush();
      nodes.push(el("p", { class: "subtext" }, inline(match[1])));
    } else if (line.startsWith(">>> ")) {
      flush();
      nodes.push(el("blockquote", {}, markdown([line.slice(4), ...lines.slice(i + 1)].join("\n"))));
      break;
    } else if (line.startsWith("> ")) {
      flush();
      const quoted = [];
      while (i < lines.length && lines[i].startsWith("> ")) quoted.push(lines[i++].slice(2));
      i--;
      nodes.push(el("blockquote", {}, markdown(quoted.join("\n"))));
    } else if (isItem(line)) {
      flush();
      const items = [];
      while (i < lines.length && (isItem(lines[i]) || (items.length && /^\s+\S/.test(lines[i])))) items.push(lines[i++]);
      i--;
      nodes.push(list(items));
    } else if (!line.trim()) {
      flush();
      if (nodes.length && i < lines.length - 1) nodes.push(el("div", { class: "gap" }));
    } else {
      paragraph.push(line);
    }
  }
  flush();
  return nodes;
}

const isItem = (line) => /^\s*(?:[-*]|\d{1,9}\.)\s+\S/.test(line);

function findFence(lines, start) {
  if (lines[start].length > 5 && lines[start].endsWith("```")) return start;
  for (let i = start + 1; i < lines.length; i++) if (lines[i].endsWith("```")) return i;
  return -1;
}

function list(lines) {
  const first = /^\s*(?:([-*])|(\d+)\.)/.exec(lines[0]);
  const root = el(first[1] ? "ul" : "ol", first[2] ? { start: first[2] } : {});
  const rootIndent = lines[0].search(/\S/);
  let nested = [];
  const flushNested = () => {
    if (!nested.length) return;
    const last = root.lastElementChild;
    append(last, isItem(nested[0]) ? list(nested) : [el("br"), inline(nested.map((each) => each.trim()).join("\n"))]);
    nested = [];
  };
  for (const line of lines) {
    if (isItem(line) && line.search(/\S/) <= rootIndent) {
      flushNested();
      root.append(el("li", {}, inline(line.replace(/^\s*(?:[-*]|\d+\.)\s+/, ""))));
    } else nested.push(line);
  }
  flushNested();
  return root;
}

/** Return the nodes of a text without blocks. */
export function inline(text) {
  const nodes = [];
  let plain = "";
  const add = (node) => {
    if (plain) nodes.push(plain);
    plain = "";
    nodes.push(node);
  };
  for (let i = 0; i < text.length; ) {
    const letter = text[i];
    if (letter === "\n") {
      add(el("br"));
      i++;
      continue;
    }
    if (letter === "\\" && i + 1 < text.length && /[^\sA-Za-z0-9]/.test(text[i + 1])) {
      plain += text[i + 1];
      i += 2;
      continue;
    }
    const found = "`<@[h*_~|".includes(letter) && readSpecial(text, i);
    if (found) {
      add(found.node);
      i = found.end;
    } else {
      plain += letter;
      i++;
    }
  }
  if (plain) nodes.push(plain);
  return nodes;
}

const matchAt = (pattern, text, at) => {
  pattern.lastIndex = at;
  return pattern.exec(text);
};

function readSpecial(text, at) {
  const tries = [
    [CODE, (m) => el("code", {}, m[2].replace(/\s+/g, " ").trim() || m[2])],
    [TIME, (m) => timestamp(Number(m[1]), m[2] ?? "f")],
    [MENTION, (m) => mention(m[1], m[2])],
    [COMMAND, (m) => el("button", { type: "button", class: "mention", onclick: () => ask("use-command", m[1]) }, `/${m[1]}`)],
    [EMOJI, (m) => `:${m[1]}:`],
    [EVERYONE, (m) => el("span", { class: "mention" }, m[0])],
    [LINK, (m) => link(m[2], inline(m[1]))],
    [BARE_LINK, (m) => link(m[1], m[1])],
  ];
  for (const [pattern, make] of tries) {
    const match = matchAt(pattern, text, at);
    if (match) return { node: make(match), end: at + match[0].length };
  }
  for (const [mark, make] of MARKS) {
    if (!text.startsWith(mark, at)) continue;
    const end = findClosing(text, at + mark.length, mark);
    if (end !== -1) return { node: make(inline(text.slice(at + mark.length, end))), end: end + mark.length };
  }
  return null;
}

/** Return where the closing mark is, or -1. A mark in code or after a backslash closes nothing. */
function findClosing(text, from, mark) {
  const single = mark.length === 1;
  if (single && /\s/.test(text[from] ?? " ")) return -1;
  for (let i = from; i < text.length; i++) {
    if (text[i] === "\\") {
      i++;
      continue;
    }
    if (text[i] === "`") {
      const code = matchAt(CODE, text, i);
      if (code) {
        i += code[0].length - 1;
        continue;
      }
    }
    if (!text.startsWith(mark, i) || i === from) continue;
    if (single) {
      if (text[i + 1] === mark) { // a doubled mark belongs to what is inside
        const inner = findClosing(text, i + 2, mark + mark);
        i = inner === -1 ? i + 1 : inner + 1;
        continue;
      }
      if (mark === "*" && /\s/.test(text[i - 1])) continue;
      if (mark === "_" && /[\p{L}\p{N}]/u.test(text[i + 1] ?? "")) continue;
    } else if (mark[0] === "*" && text[i + mark.length] === "*") {
      continue;
    }
    return i;
  }
  return -1;
}

function link(url, content) {
  return el("a", { href: url, target: "_blank", rel: "noreferrer noopener" }, content);
}

/** Let the page do what somebody pressed in a text: open a channel, or begin a command. */
const ask = (what, detail) => document.dispatchEvent(new CustomEvent(what, { detail }));

function channelMention(id) {
  const channel = channelOf(id);
  if (!channel || channel.kind === "voice") return el("span", { class: "mention" }, channel?.name ?? "#unknown");
  return el("button", { type: "button", class: "mention", onclick: () => ask("open-channel", id) }, `#${channel.name}`);
}

function mention(kind, id) {
  if (kind === "#") return channelMention(id);
  if (kind === "@&") return el("span", { class: "mention" }, `@${state.places.roles[id]?.name ?? "unknown role"}`);
  return el("span", { class: id === state.viewer ? "mention is-you" : "mention" }, `@${state.places.users[id]?.name ?? "unknown"}`);
}

/** Return a text that is hidden until somebody presses it. */
export function spoiler(inner) {
  const reveal = (event) => {
    if (box.classList.contains("is-open")) return;
    event.preventDefault();
    event.stopPropagation();
    box.classList.add("is-open");
    content.removeAttribute("inert");
    box.removeAttribute("role");
    box.removeAttribute("aria-label");
    box.removeAttribute("tabindex");
  };
  const content = el("span", { inert: true }, inner);
  const box = el("span", {
    class: "spoiler", role: "button", tabindex: "0", "aria-label": "Spoiler, press to reveal", onclick: reveal,
    onkeydown: (event) => (event.key === "Enter" || event.key === " ") && reveal(event),
  }, content);
  return box;
}

const FORMATS = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
};
const UNITS = [["year", 31557600], ["month", 2629800], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** Return a moment as Discord shows it in that style. */
export function timestamp(seconds, style) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return `<t:${seconds}>`;
  const full = new Intl.DateTimeFormat("en", FORMATS.F).format(date);
  const text = style === "R" ? formatRelative(seconds) : new Intl.DateTimeFormat("en", FORMATS[style]).format(date);
  return el("time", { class: "timestamp", datetime: date.toISOString(), title: full, dataset: style === "R" ? { relative: seconds } : {} }, text);
}

/** Return a moment as seen from now: “in 3 days”. */
export function formatRelative(seconds) {
  const difference = seconds - now();
  const [unit, size] = UNITS.find(([, each]) => Math.abs(difference) >= each) ?? UNITS.at(-1);
  return relative.format(Math.round(difference / size), unit);
}

/** Keep the relative times of the page true. */
export function refreshTimes() {
  for (const each of document.querySelectorAll("time[data-relative]")) {
    const text = formatRelative(Number(each.dataset.relative));
    if (each.textContent !== text) each.textContent = text;
  }
}
