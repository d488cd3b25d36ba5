// A message as Discord shows it.

import { act, channelOf, now, state } from "./state.js";
import { el } from "./dom.js";
import { colour, fileLink, gallery, picture, renderComponents } from "./components.js";
import { openForm } from "./form.js";
import { formatRelative, inline, markdown } from "./markdown.js";

const GROUP_MINUTES = 7;
const COMPONENTS_V2 = 1 << 15;
const SYSTEM = { 6: "pinned a message to this channel.", 7: "joined the server.", 18: "started a thread:", 46: "’s poll has ended." };

/** Return a message's list item. `previous` is the message above it, so that messages of one author stand together. */
export function renderMessage(message, previous, { onOpenChannel, onAnswer, onReply }) {
  const item = el("li", { class: "message", id: `message-${message.id}`, dataset: { id: message.id, author: message.author.id } });
  const author = state.places.users[message.author.id] ?? { name: message.author.global_name ?? message.author.username, avatar: "", bot: message.author.bot };
  if (message.is_ephemeral) item.classList.add("is-ephemeral");
  if (message.pings_viewer) item.classList.add("is-mention");
  if (message.type in SYSTEM) {
    item.classList.add("is-system");
    item.append(systemLine(message, author, onOpenChannel));
    return item;
  }
  const used = message.interaction_metadata?.name ? message.interaction_metadata : null;
  const isGrouped = !used && !message.message_reference && isSameGroup(message, previous);
  const press = async (element, kind, body) => {
    if (element.getAttribute("aria-busy")) return;
    element.setAttribute("aria-busy", "true");
    item.querySelector(".message-error")?.remove();
    onAnswer();
    const reply = await act(kind, { channel: message.channel_id, message: message.id, ...body });
    element.removeAttribute("aria-busy");
    if (reply.form) openForm(reply.form, element);
    if (reply.error) (document.getElementById(item.id)?.querySelector(".message-body") ?? body_).append(el("p", { class: "message-error", role: "alert" }, reply.error));
  };
  const body_ = el("div", { class: "message-body" },
    !isGrouped && el("div", { class: "message-head" },
      el("span", { class: "author" }, author.name), author.bot && el("span", { class: "app-badge" }, "APP"),
      el("time", { class: "message-time", datetime: message.timestamp }, formatDay(message.timestamp))),
    content(message, press, onOpenChannel),
    message.reactions?.length > 0 && reactions(message, press),
    message.is_ephemeral && !message.is_loading && el("p", { class: "ephemeral-note" },
      el("span", { class: "icon is-eye", "aria-hidden": "true" }), "Only you can see this · ",
      el("button", { type: "button", class: "link-button", onclick: () => act("dismiss", { channel: message.channel_id, message: message.id }) }, "Dismiss message")));
  if (isGrouped) item.classList.add("is-grouped");
  item.append(
    used ? usedLine(used) : message.message_reference ? replyLine(message) : "",
    el("article", { class: "message-row", "aria-label": `${author.name}, ${formatDay(message.timestamp)}` },
      isGrouped ? el("span", { class: "avatar-space" }) : el("img", { class: "avatar", src: author.avatar, alt: "", width: "40", height: "40" }),
      body_));
  if (author.bot && !message.is_ephemeral && !message.is_loading) {
    item.append(el("button", { type: "button", class: "reply-button", "aria-label": `Reply to ${author.name}`, title: "Reply", dataset: { key: "reply" }, onclick: () => onReply(message, author.name) }, "↩"));
  }
  return item;
}

/** Return whether a message stands under the one above it without a head of its own. */
function isSameGroup(message, previous) {
  return Boolean(previous) && previous.author.id === message.author.id && !(previous.type in SYSTEM)
    && previous.is_ephemeral === message.is_ephemeral
    && Date.parse(message.timestamp) - Date.parse(previous.timestamp) < GROUP_MINUTES * 60000;
}

function formatDay(timestamp) {
  const date = new Date(timestamp);
  const today = new Date(now() * 1000).toDateString() === date.toDateString();
  const time = new Intl.DateTimeFormat("en", { timeStyle: "short" }).format(date);
  return today ? `Today at ${time}` : `${new Intl.DateTimeFormat("en", { dateStyle: "medium" }).format(date)}, ${time}`;
}

function usedLine(used) {
  const user = state.places.users[used.user.id];
  return el("div", { class: "used-line" }, el("span", { class: "used-hook", "aria-hidden": "true" }),
    el("img", { class: "tiny-avatar", src: user?.avatar ?? "", alt: "", width: "16", height: "16" }),
    el("span", {}, el("strong", {}, user?.name ?? used.user.username), " used ", el("span", { class: "used-command" }, `/${used.name}`)));
}

function replyLine(message) {
  const original = message.referenced_message;
  if (!original) return "";
  const user = state.places.users[original.author.id];
  return el("div", { class: "used-line" }, el("span", { class: "used-hook", "aria-hidden": "true" }),
    el("img", { class: "tiny-avatar", src: user?.avatar ?? "", alt: "", width: "16", height: "16" }),
    el("span", { class: "reply-text" }, el("strong", {}, user?.name ?? "Somebody"), " ", original.content ? inline(original.content.split("\n")[0]) : el("em", {}, "a card")));
}

function systemLine(message, author, onOpenChannel) {
  const thread = message.type === 18 && state.places.channels.find((each) => each.id === message.message_reference?.channel_id);
  return el("article", { class: "system-line", "aria-label": "System message" }, el("span", { "aria-hidden": "true" }, "→ "),
    el("strong", {}, author.name), message.type === 46 ? "" : " ", SYSTEM[message.type], " ",
    message.type === 18 && (thread ? el("button", { type: "button", class: "link-button", onclick: () => onOpenChannel(thread.id) }, message.content) : message.content),
    el("time", { class: "message-time", datetime: message.timestamp }, formatDay(message.timestamp)));
}

function content(message, press, onOpenChannel) {
  if (message.is_loading) return el("p", { class: "thinking" }, el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")), " Marquee is thinking…");
  if (message.flags & COMPONENTS_V2) return el("div", { class: "layout" }, renderComponents(message.components, press));
  const embedded = new Set(JSON.stringify(message.embeds ?? []).match(/\/media\/cdn\/[^"]+/g) ?? []);
  const files = (message.attachments ?? []).filter((each) => !embedded.has(each.src));
  const pictures = files.filter((each) => each.content_type?.startsWith("image/"));
  const thread = state.places.channels.find((each) => each.id === message.id && each.kind === "thread");
  return [
    message.content && el("div", { class: "markdown content" }, markdown(message.content), message.edited_timestamp && !message.embeds?.length && !message.interaction_metadata && el("span", { class: "edited" }, " (edited)")),
    pictures.length > 0 && gallery(pictures.map((each) => ({ ...each, alt: each.description ?? each.filename }))),
    files.filter((each) => !pictures.includes(each)).map(fileLink),
    groupEmbeds(message.embeds ?? []).map((each) => renderEmbed(each, message)),
    message.poll && renderPoll(message, press),
    renderComponents(message.components, press),
    thread && el("button", { type: "button", class: "thread-link", onclick: () => onOpenChannel(thread.id) }, el("span", { class: "icon is-thread", "aria-hidden": "true" }), thread.name, el("span", { class: "thread-more" }, " See thread ›")),
  ];
}

/** Return the embeds with those of the same address joined: Discord shows their pictures as one gallery. */
function groupEmbeds(embeds) {
  const groups = [];
  for (const embed of embeds) {
    const first = embed.url && embed.image && groups.find((each) => each.url === embed.url && each.image);
    if (first) first.more = [...(first.more ?? []), embed.image];
    else groups.push({ ...embed });
  }
  return groups;
}

function renderEmbed(embed, message) {
  const altOf = (media) => message.attachments?.find((each) => each.src === media.src)?.description ?? media.description ?? embed.title ?? "";
  const box = el("div", { class: "embed" },
    el("div", { class: "embed-main" },
      el("div", { class: "embed-text" },
        embed.author?.name && el("div", { class: "embed-author" }, embed.author.icon_src && el("img", { src: embed.author.icon_src, alt: "", width: "24", height: "24" }),
          embed.author.url ? el("a", { href: embed.author.url, target: "_blank", rel: "noreferrer noopener" }, embed.author.name) : embed.author.name),
        embed.title && el("div", { class: "embed-title" }, embed.url ? el("a", { href: embed.url, target: "_blank", rel: "noreferrer noopener" }, inline(embed.title)) : inline(embed.title)),
        embed.description && el("div", { class: "markdown embed-description" }, markdown(embed.description)),
        embed.fields?.length > 0 && fields(embed.fields)),
      embed.thumbnail && picture(embed.thumbnail, altOf(embed.thumbnail), "embed-thumbnail")),
    embed.image && (embed.more ? gallery([embed.image, ...embed.more].map((each) => ({ ...each, alt: altOf(each) }))) : picture(embed.image, altOf(embed.image), "embed-image")),
    (embed.footer?.text || embed.timestamp) && el("div", { class: "embed-footer" }, embed.footer?.icon_src && el("img", { src: embed.footer.icon_src, alt: "", width: "20", height: "20" }),
      el("span", {}, [embed.footer?.text, embed.timestamp && formatDay(embed.timestamp)].filter(Boolean).join(" • "))));
  if (embed.color !== undefined && embed.color !== null) box.style.setProperty("--accent", colour(embed.color));
  return box;
}

/** Return the fields; up to three inline ones that follow each other share a line. */
function fields(list) {
  const box = el("dl", { class: "fields" });
  let run = [];
  const flush = () => {
    run.forEach((each, index) => {
      const rest = run.length - (index - (index % 3));
      each.style.setProperty("--span", String(12 / Math.min(3, rest)));
    });
    run = [];
  };
  for (const field of list) {
    const cell = el("div", { class: field.inline ? "field is-inline" : "field" }, el("dt", {}, inline(field.name)), el("dd", { class: "markdown" }, markdown(field.value)));
    if (field.inline) run.push(cell);
    else flush();
    box.append(cell);
  }
  flush();
  return box;
}

function reactions(message, press) {
  return el("div", { class: "reactions" }, message.reactions.map((each) => {
    const button = el("button", {
      type: "button", class: each.me ? "reaction is-mine" : "reaction", "aria-pressed": String(each.me), "aria-label": `${each.emoji.name}, ${each.count}`,
      onclick: () => press(button, "react", { emoji: each.emoji.name, reacted: !each.me }),
    }, `${each.emoji.name} ${each.count}`);
    return button;
  }));
}

function renderPoll(message, press) {
  const { poll } = message;
  const counts = Object.fromEntries((poll.results?.answer_counts ?? []).map((each) => [each.id, each]));
  const total = Object.values(counts).reduce((sum, each) => sum + each.count, 0);
  const ends = Date.parse(poll.expiry) / 1000;
  const isOver = poll.results?.is_finalized || ends <= now();
  const mine = poll.answers.map((each) => each.answer_id).filter((id) => counts[id]?.me_voted);
  const showsResults = isOver || mine.length > 0;
  const most = Math.max(...Object.values(counts).map((each) => each.count), 0);
  const vote = (element, answers) => press(element, "vote", { answers });
  return el("div", { class: "poll", role: "group", "aria-label": `Poll: ${poll.question.text}` },
    el("div", { class: "poll-question" }, poll.question.text),
    el("p", { class: "subtext" }, isOver ? "This poll is over." : poll.allow_multiselect ? "Select one or more answers" : "Select one answer"),
    poll.answers.map((answer) => {
      const count = counts[answer.answer_id]?.count ?? 0;
      const isMine = mine.includes(answer.answer_id);
      const button = el("button", {
        type: "button", class: "poll-answer", "aria-pressed": String(isMine), disabled: isOver,
        onclick: () => vote(button, isMine ? mine.filter((id) => id !== answer.answer_id) : poll.allow_multiselect ? [...mine, answer.answer_id] : [answer.answer_id]),
      }, el("span", { class: "poll-bar", "aria-hidden": "true" }), el("span", { class: "poll-text" }, answer.poll_media.emoji?.name && `${answer.poll_media.emoji.name} `, answer.poll_media.text),
      showsResults && el("span", { class: "poll-count" }, `${count} ${count === 1 ? "vote" : "votes"} · ${total ? Math.round((count / total) * 100) : 0}%`),
      isMine && el("span", { class: "poll-mine", "aria-hidden": "true" }, "✓"));
      if (showsResults) button.style.setProperty("--share", `${total ? (count / total) * 100 : 0}%`);
      if (isOver && count === most && count > 0) button.classList.add("is-winner");
      return button;
    }),
    el("p", { class: "subtext" }, `${total} ${total === 1 ? "vote" : "votes"} · `, isOver ? "closed" : ["ends ", el("time", { datetime: poll.expiry, dataset: { relative: String(ends) } }, formatRelative(ends))]));
}
