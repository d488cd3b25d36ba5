// The line at the bottom: text, or a command with its options, with Discord's keys.

import { el, toast, uniqueId } from "./dom.js";
import { openForm, readFile } from "./form.js";
import { optionContent, optionsOfEntity, placeBeside } from "./picker.js";
import { act, channelOf, commandsHere, state } from "./state.js";

const ATTACHMENT = 11;
const ENTITIES = [6, 7, 8, 9];
const TYPING_PAUSE = 70;

/** Return the command that a line begins with and what follows its name, or null. */
export function parseLine(line, commands) {
  const text = line.replace(/^\//, "");
  const command = commands.filter((each) => text === each.name || text.startsWith(`${each.name} `)).sort((a, b) => b.name.length - a.name.length)[0];
  return command ? { command, values: parseValues(text.slice(command.name.length).trim(), command) } : null;
}

/** Return the typed values by option: `name: value`, and before the first name a value of the first option. */
function parseValues(text, command) {
  const values = {};
  const names = command.options.map((each) => each.name);
  let current = names[0];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const named = /^(\w+):(.*)$/.exec(word);
    if (named && names.includes(named[1])) {
      current = named[1];
      values[current] = named[2];
    } else if (current) {
      values[current] = values[current] ? `${values[current]} ${word}` : word;
    }
  }
  return values;
}

export class Composer {
  /** `onSend` is called before something is sent: what comes back is the answer to follow. */
  constructor(root, { onSend }) {
    this.root = root;
    this.onSend = onSend;
    this.command = null;
    this.fields = [];
    this.items = [];
    this.active = -1;
    this.hasNavigated = false;
    this.isStale = false; // the list is of what was typed before
    this.isBusy = false;
    this.replied = null; // the id of the message that the next text replies to
    this.build();
  }

  build() {
    const listId = uniqueId("suggestions");
    this.list = el("ul", { class: "options suggestions", id: listId, role: "listbox", "aria-label": "Suggestions", popover: "manual", onmousedown: (event) => event.preventDefault() });
    this.text = el("textarea", {
      class: "composer-text", rows: "1", "aria-controls": listId, "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-label": "Message",
      autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "send", maxlength: "4000",
      oninput: () => this.handleText(), onkeydown: (event) => this.handleTextKey(event), onblur: () => this.hideList(), onfocus: () => this.handleText(),
    });
    this.line = el("div", { class: "command-line" });
    this.error = el("p", { class: "composer-error", role: "alert" });
    this.sendButton = el("button", { type: "submit", class: "send", "aria-label": "Send" }, el("span", { "aria-hidden": "true" }, "➤"));
    this.slashButton = el("button", { type: "button", class: "icon-button slash-button", "aria-label": "Show the commands", onclick: () => this.startCommand() }, "/");
    this.form = el("form", { class: "composer-box", novalidate: true, onsubmit: (event) => { event.preventDefault(); this.submit(); } }, this.slashButton, el("div", { class: "composer-middle" }, this.text, this.line), this.sendButton);
    this.status = el("p", { class: "visually-hidden", role: "status" });
    this.replyBar = el("div", { class: "reply-bar", hidden: true });
    this.root.replaceChildren(this.error, this.replyBar, this.form, this.list, this.status);
  }

  /** Begin anew, in the channel that is shown now. */
  reset() {
    this.leave("");
    this.stopReply();
    const channel = channelOf(state.current);
    const place = channel ? { direct: `@${channel.name}`, thread: `“${channel.name}”` }[channel.kind] ?? `#${channel.name}` : "";
    this.text.placeholder = `Message ${place}, or / for commands`;
    this.text.setAttribute("aria-label", `Message ${place}`);
  }

  /** Let the next text be a reply to a message. */
  replyTo(message, name) {
    if (this.command) this.leave("");
    this.replied = message.id;
    this.replyBar.hidden = false;
    this.replyBar.replaceChildren(el("span", {}, "Replying to ", el("strong", {}, name)),
      el("button", { type: "button", class: "icon-button", "aria-label": "Don’t reply", onclick: () => { this.stopReply(); this.text.focus(); } }, "✕"));
    this.text.focus();
  }

  stopReply() {
    this.replied = null;
    this.replyBar.hidden = true;
  }

  startCommand() {
    this.leave("/");
    this.text.focus();
    this.handleText();
  }

  /** Begin a command that somebody pressed in a message. */
  begin(name) {
    const command = commandsHere().find((each) => each.name === name);
    if (command) this.enter(command, {}, true);
    else toast(`/${name} can't be used here.`);
  }

  /** Fill a command in as if it had been typed, and send it. */
  async run(line) {
    const parsed = parseLine(line, commandsHere());
    if (!parsed) {
      toast(`${line.split(" ")[0]} can't be used here.`);
      return false;
    }
    this.enter(parsed.command, parsed.values, false);
    return this.submit();
  }

  // ------------------------------------------------------------------ text

  handleText() {
    this.error.textContent = "";
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, 160)}px`;
    const typed = this.text.value;
    if (typed.startsWith("/")) {
      const parsed = parseLine(typed, commandsHere());
      if (parsed && /^\/\S+.*\s/.test(typed) && typed.length > parsed.command.name.length + 1) {
        this.enter(parsed.command, parsed.values, true);
        return;
      }
      const wanted = typed.slice(1).toLowerCase().trim();
      const begins = commandsHere().filter((each) => each.name.startsWith(wanted));
      const contains = commandsHere().filter((each) => !begins.includes(each) && each.name.includes(wanted));
      this.showList([...begins, ...contains].map((each) => ({ label: `/${each.name}`, description: each.description, pick: () => this.enter(each, {}, true) })), 0);
      return;
    }
    const mention = /(?:^|\s)@(\w*)$/.exec(typed.slice(0, this.text.selectionStart));
    if (!mention) {
      this.hideList();
      return;
    }
    const people = optionsOfEntity(6).filter((each) => each.label.toLowerCase().startsWith(mention[1].toLowerCase()));
    this.showList(people.map((each) => ({ ...each, pick: () => this.insertMention(mention[1].length, each.label) })), 0);
  }

  insertMention(typedLength, name) {
    const end = this.text.selectionStart;
    this.text.setRangeText(`${name} `, end - typedLength, end, "end");
    this.hideList();
  }

  handleTextKey(event) {
    if (event.isComposing) return;
    const isPlainEnter = event.key === "Enter" && !event.shiftKey;
    if (isPlainEnter && this.isRunnable(this.text.value)) {
      event.preventDefault();
      this.submit();
    } else if (this.handleListKey(event, true)) {
      return;
    } else if (event.key === "Escape" && this.replied) {
      event.preventDefault();
      this.stopReply();
    } else if (isPlainEnter) {
      event.preventDefault();
      this.submit();
    }
  }

  /** Return whether a line is a command that needs nothing more. */
  isRunnable(line) {
    const parsed = line.startsWith("/") && parseLine(line.trim(), commandsHere());
    return Boolean(parsed) && parsed.command.options.every((each) => !each.required || parsed.values[each.name]);
  }

  // --------------------------------------------------------------- commands

  /** Show a command with its options, those that have to be given and those that values were typed for. */
  enter(command, values, takesFocus) {
    this.hideList();
    this.stopReply();
    this.error.textContent = "";
    this.command = command;
    this.fields = [];
    this.text.hidden = true;
    this.line.hidden = false;
    this.root.classList.add("has-command");
    this.line.replaceChildren(el("span", { class: "command-name" }, `/${command.name}`));
    for (const option of command.options) if (option.required || values[option.name] !== undefined) this.addField(option, values[option.name] ?? "");
    this.more = el("input", {
      class: "more-input", role: "combobox", "aria-expanded": "false", "aria-controls": this.list.id, "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false", enterkeyhint: "send",
      oninput: () => this.showMore(), onfocus: () => this.showMore(), onblur: () => this.hideList(), onkeydown: (event) => this.handleMoreKey(event),
    });
    this.line.append(this.more);
    this.updateMore();
    if (!takesFocus) return;
    const unfilled = this.fields.find((each) => !each.input.value) ?? this.fields.at(-1);
    (unfilled?.input ?? this.more).focus();
    const length = unfilled?.input.value.length ?? 0;
    if (unfilled && unfilled.option.type !== ATTACHMENT) unfilled.input.setSelectionRange(length, length);
    if (unfilled) this.suggest(unfilled);
  }

  /** Go back to plain text. */
  leave(text) {
    this.hideList();
    this.command = null;
    this.fields = [];
    this.text.hidden = false;
    this.line.hidden = true;
    this.line.replaceChildren();
    this.root.classList.remove("has-command");
    this.error.textContent = "";
    this.text.value = text;
    this.text.style.height = "auto";
  }

  addField(option, text) {
    const id = uniqueId("option");
    const isFile = option.type === ATTACHMENT;
    const error = el("span", { class: "option-error", id: `${id}-error`, role: "alert" });
    const input = el("input", {
      id, type: isFile ? "file" : "text", class: "option-input", role: isFile ? undefined : "combobox", "aria-expanded": isFile ? undefined : "false", "aria-controls": isFile ? undefined : this.list.id,
      "aria-autocomplete": isFile ? undefined : "list", "aria-describedby": `${id}-error`, autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "send",
      inputmode: option.type === 4 ? "numeric" : undefined, title: option.description,
    });
    const field = { option, input, error, picked: null, sequence: 0 };
    field.element = el("label", { class: "option-field", for: id }, el("span", { class: "option-name" }, option.name), input, error);
    if (!isFile) {
      input.value = text;
      fitWidth(input);
      input.addEventListener("input", () => {
        field.picked = null;
        this.setError(field, "");
        fitWidth(input);
        this.suggest(field);
      });
      input.addEventListener("focus", () => this.suggest(field));
    }
    input.addEventListener("blur", () => this.hideList());
    input.addEventListener("keydown", (event) => this.handleFieldKey(event, field));
    this.fields.push(field);
    if (this.more?.isConnected) this.line.insertBefore(field.element, this.more);
    else this.line.append(field.element);
    this.updateMore();
    return field;
  }

  removeField(field) {
    this.fields = this.fields.filter((each) => each !== field);
    field.element.remove();
    this.updateMore();
    this.more.focus();
  }

  unusedOptions() {
    return this.command.options.filter((each) => !this.fields.some((field) => field.option.name === each.name));
  }

  updateMore() {
    if (!this.more) return;
    const count = this.unusedOptions().length;
    this.more.placeholder = count ? `+${count} ${count === 1 ? "option" : "options"}` : "";
    this.more.setAttribute("aria-label", count ? `${count} more options` : "Enter sends the command");
    this.more.classList.toggle("is-empty", count === 0);
  }

  showMore() {
    const typed = this.more.value.trim().toLowerCase();
    const options = this.unusedOptions().filter((each) => each.name.startsWith(typed));
    this.showList(options.map((each) => ({ label: each.name, description: each.description, pick: () => this.openOption(each) })), typed && options.length ? 0 : -1);
  }

  openOption(option) {
    this.more.value = "";
    this.addField(option, "").input.focus();
  }

  handleMoreKey(event) {
    const exact = this.unusedOptions().find((each) => each.name === this.more.value.trim().replace(/:$/, ""));
    if (exact && [":", " "].includes(event.key)) {
      event.preventDefault();
      this.openOption(exact);
    } else if (this.handleListKey(event, this.active !== -1)) {
      return;
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.leaveTo("");
    } else if (event.key === "Backspace" && !this.more.value) {
      event.preventDefault();
      const last = this.fields.at(-1);
      if (last) last.input.focus();
      else this.leaveTo(`/${this.command.name}`);
    }
  }

  handleFieldKey(event, field) {
    if (event.isComposing) return;
    if (this.handleListKey(event, this.isOpen() && Boolean(field.input.value) && !field.picked)) return;
    if (event.key === "Enter") {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.leaveTo("");
    } else if (event.key === "Backspace" && !field.input.value) {
      event.preventDefault();
      if (!field.option.required) this.removeField(field);
      else if (field === this.fields[0]) this.leaveTo(`/${this.command.name}`);
      else this.fields[this.fields.indexOf(field) - 1].input.focus();
    }
  }

  leaveTo(text) {
    this.leave(text);
    this.text.focus();
    if (text) this.handleText();
  }

  /** Show what can be given to an option: its choices, members, or what the bot suggests. */
  async suggest(field) {
    const { option, input } = field;
    const typed = input.value.trim().toLowerCase();
    const sequence = ++field.sequence;
    if (option.autocomplete) {
      this.isStale = true;
      await new Promise((resolve) => setTimeout(resolve, input.value ? TYPING_PAUSE : 0));
      if (sequence !== field.sequence || document.activeElement !== input) return;
      const reply = await act("autocomplete", { command: this.command.name, option: option.name, value: input.value, options: await this.readValues(true) });
      if (sequence !== field.sequence || document.activeElement !== input) return;
      this.showList((reply.choices ?? []).map((each) => ({ label: each.name, pick: () => this.pick(field, each.name, each.value) })), -1);
      return;
    }
    const choices = choicesOf(option);
    if (!choices) {
      this.hideList();
      return;
    }
    const fitting = field.picked ? choices : choices.filter((each) => each.label.toLowerCase().replace(/^[@#]/, "").includes(typed.replace(/^[@#]/, "")));
    const isWhole = choices.some((each) => sameName(each.label, typed)); // then Enter sends, as nothing is left to choose
    this.showList(fitting.map((each) => ({ ...each, pick: () => this.pick(field, each.label, each.value) })), fitting.length && !isWhole ? 0 : -1);
  }

  pick(field, label, value) {
    field.picked = { value };
    field.sequence++;
    field.input.value = label;
    fitWidth(field.input);
    this.setError(field, "");
    this.hideList();
    const next = this.fields.find((each) => each !== field && each.option.required && !each.input.value);
    (next?.input ?? this.more).focus();
  }

  setError(field, text) {
    field.error.textContent = text;
    field.input.setAttribute("aria-invalid", String(Boolean(text)));
    field.element.classList.toggle("is-wrong", Boolean(text));
    if (this.isOpen()) placeBeside(this.list, this.form, true);
  }

  /** Return the values of the options; a value that is none sets the option's error unless only a part is wanted. */
  async readValues(isPartial = false) {
    const values = {};
    for (const field of this.fields) {
      const { option, input } = field;
      if (option.type === ATTACHMENT) {
        if (input.files.length) values[option.name] = isPartial ? undefined : await readFile(input.files[0]);
        continue;
      }
      const text = input.value.trim();
      if (!text && !field.picked) continue;
      const choices = choicesOf(option);
      const picked = field.picked ?? (choices ? findChoice(choices, text) : { value: text });
      if (picked) values[option.name] = picked.value;
      else if (!isPartial) this.setError(field, "Choose one of the list.");
    }
    return values;
  }

  // ---------------------------------------------------------------- sending

  /** Send what is there; return whether the bot took it. */
  async submit() {
    if (this.isBusy) return false;
    if (!this.command && !this.text.value.trim()) return false;
    if (!this.command && this.text.value.startsWith("/")) {
      const parsed = parseLine(this.text.value.trim(), commandsHere());
      if (!parsed) {
        const name = this.text.value.trim().split(/\s/)[0];
        const moderator = state.commands.moderator.includes(name.slice(1)) && state.people.find((each) => each.is_moderator);
        this.error.textContent = moderator
          ? `Only ${moderator.name}, the moderator, can use ${name}. Be ${moderator.name} by the button at the top.`
          : `There is no command ${name}. Type / to see them all.`;
        return false;
      }
      this.enter(parsed.command, parsed.values, true);
    }
    this.setBusy(true);
    try {
      return await (this.command ? this.sendCommand() : this.sendText());
    } finally {
      this.setBusy(false);
    }
  }

  setBusy(isBusy) {
    this.isBusy = isBusy;
    this.form.toggleAttribute("aria-busy", isBusy);
  }

  async sendText() {
    this.onSend();
    const reply = await act("send", { text: withMentions(this.text.value.trim()), reply_to: this.replied });
    if (reply.error) {
      this.error.textContent = reply.error;
      return false;
    }
    this.leave("");
    this.stopReply();
    return true;
  }

  async sendCommand() {
    const { command } = this;
    const hadFocus = this.root.contains(document.activeElement);
    this.takeLooseText();
    const missing = this.fields.find((each) => each.option.required && !each.input.value.trim());
    const values = await this.readValues();
    if (missing) this.setError(missing, "This option is required.");
    const wrong = this.fields.find((each) => each.error.textContent);
    if (wrong) {
      wrong.input.focus();
      return false;
    }
    this.onSend();
    this.hideList();
    const reply = await act("slash", { command: command.name, options: values });
    if (this.command !== command) { // the answer came first
      this.error.textContent = reply.error ?? "";
      if (reply.form) openForm(reply.form, this.text);
      return !reply.error;
    }
    if (reply.error) {
      const field = this.fields.find((each) => each.option.name === reply.option);
      if (field) this.setError(field, reply.error);
      else this.error.textContent = reply.error;
      (field?.input ?? this.more).focus();
      return false;
    }
    this.leave("");
    if (reply.form) openForm(reply.form, this.text);
    else if (hadFocus) this.text.focus();
    return true;
  }

  /** Make room for the next line: the answer is there, even if the bot is still working on something. */
  handleAnswer() {
    if (!this.isBusy || !this.command) return;
    const hadFocus = this.root.contains(document.activeElement);
    this.leave("");
    this.setBusy(false);
    if (hadFocus) this.text.focus();
  }

  /** Take what was typed after the options as the value of the first that has none. */
  takeLooseText() {
    const text = this.more.value.trim();
    const option = this.unusedOptions()[0];
    if (!text || !option) return;
    this.more.value = "";
    this.addField(option, text);
  }

  // ------------------------------------------------------------ suggestions

  isOpen() {
    return this.list.matches(":popover-open");
  }

  /** Show a list; what somebody went to with the arrows stays chosen while it is there. */
  showList(items, active) {
    const kept = this.isOpen() && this.hasNavigated ? items.findIndex((each) => each.label === this.items[this.active]?.label) : -1;
    this.hasNavigated = kept !== -1;
    this.isStale = false;
    this.items = items;
    this.list.replaceChildren(...items.map((item, index) => el("li", { class: "option", role: "option", id: `${this.list.id}-${index}`, "aria-selected": "false", onclick: () => this.choose(index) }, optionContent(item))));
    if (!items.length) {
      this.hideList();
      return;
    }
    if (!this.isOpen()) this.list.showPopover();
    placeBeside(this.list, this.form, true);
    this.list.scrollTop = 0;
    if (document.activeElement.role === "combobox") document.activeElement.setAttribute("aria-expanded", "true");
    this.announce(items.length === 1 ? "1 suggestion" : `${items.length} suggestions`);
    this.activate(kept === -1 ? active : kept);
  }

  hideList() {
    if (this.isOpen()) this.list.hidePopover();
    this.items = [];
    this.active = -1;
    this.announce("");
    for (const each of this.root.querySelectorAll("[aria-autocomplete]")) {
      if (each.role === "combobox") each.setAttribute("aria-expanded", "false");
      each.removeAttribute("aria-activedescendant");
    }
  }

  /** Tell screen readers how much the list offers: they don't see it open. */
  announce(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  activate(index) {
    this.active = index;
    [...this.list.children].forEach((each, number) => {
      each.classList.toggle("is-active", number === index);
      each.setAttribute("aria-selected", String(number === index));
    });
    const item = this.list.children[index];
    item?.scrollIntoView({ block: "nearest" });
    if (item) document.activeElement.setAttribute("aria-activedescendant", item.id);
    else document.activeElement.removeAttribute?.("aria-activedescendant");
  }

  choose(index) {
    const item = this.items[index];
    if (item) item.pick();
  }

  /** Handle a key of an open list; return whether that was all. Tab takes the first where `tabTakesFirst`. */
  handleListKey(event, tabTakesFirst) {
    if (!this.isOpen() || !this.items.length || (this.isStale && ["Enter", "Tab"].includes(event.key))) return false;
    const last = this.items.length - 1;
    if (["ArrowDown", "ArrowUp"].includes(event.key)) this.hasNavigated = true;
    if (event.key === "ArrowDown") this.activate(this.active >= last ? 0 : this.active + 1);
    else if (event.key === "ArrowUp") this.activate(this.active <= 0 ? last : this.active - 1);
    else if (event.key === "Enter" && !event.shiftKey && this.active !== -1) this.choose(this.active);
    else if (event.key === "Tab" && !event.shiftKey && (this.active !== -1 || tabTakesFirst)) this.choose(Math.max(this.active, 0));
    else if (event.key === "Escape") this.hideList();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}

/** Return what an option can be, or null where anything can be typed. */
function choicesOf(option) {
  if (option.autocomplete) return null;
  if (ENTITIES.includes(option.type)) return optionsOfEntity(option.type, option.channel_types);
  if (option.type === 5) return [{ label: "True", value: true }, { label: "False", value: false }];
  return option.choices?.map((each) => ({ label: each.name, value: each.value })) ?? null;
}

const only = (list) => (list.length === 1 ? list[0] : undefined);
const plainName = (name) => name.toLowerCase().replace(/^[@#]/, "");
const sameName = (label, text, isBeginning = false) => (isBeginning ? plainName(label).startsWith(plainName(text)) : plainName(label) === plainName(text));

/** Return the choice that a text names: in full, by how it begins, or by a part that no other has. */
function findChoice(choices, text) {
  const beginning = () => only(choices.filter((each) => sameName(each.label, text, true)));
  const part = () => only(choices.filter((each) => plainName(each.label).includes(plainName(text))));
  return choices.find((each) => sameName(each.label, text)) ?? beginning() ?? part();
}

function fitWidth(input) {
  input.style.width = `${Math.max(4, Math.min([...input.value].length + 2, 34))}ch`;
}

/** Return a text with names of members after @ as mentions. */
function withMentions(text) {
  const people = state.places.members.map((id) => [state.places.users[id].name, id]).sort((a, b) => b[0].length - a[0].length);
  return people.reduce((result, [name, id]) => result.replaceAll(new RegExp(`(^|[\\s(])@${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w])`, "gi"), `$1<@${id}>`), text);
}

