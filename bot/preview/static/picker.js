// Menus: a button that opens a list, used by keyboard, mouse and touch alike.

import { append, el, uniqueId } from "./dom.js";
import { state } from "./state.js";

const GAP = 4;

/** Place an open popover beside an element: below it, or above where there is more room. */
export function placeBeside(popup, anchor, prefersAbove = false) {
  const box = anchor.getBoundingClientRect();
  const above = box.top - GAP - 8;
  const below = window.innerHeight - box.bottom - GAP - 8;
  const width = Math.min(box.width, window.innerWidth - 16);
  popup.style.width = `${width}px`;
  popup.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - width - 8))}px`;
  popup.style.maxHeight = "";
  const wanted = Math.min(popup.scrollHeight + 2, 340);
  const goesAbove = prefersAbove ? above >= Math.min(wanted, 120) : below < wanted && above > below;
  popup.style.maxHeight = `${Math.max(80, Math.min(340, goesAbove ? above : below))}px`;
  popup.style.top = goesAbove ? "auto" : `${box.bottom + GAP}px`;
  popup.style.bottom = goesAbove ? `${window.innerHeight - box.top + GAP}px` : "auto";
}

/**
 * Return a menu's element. `options` are {value, label, description, emoji, image}; `values` those chosen at first.
 * `onchange` is given the chosen values: at once where only one can be chosen, else when the list closes.
 */
export function picker({ label, placeholder, options, values = [], min = 1, max = 1, disabled, onchange, dataset }) {
  const listId = uniqueId("list");
  let chosen = values.slice();
  let applied = chosen.join("\n");
  let active = -1;
  let typed = "";
  let typedAt = 0;

  const summary = el("span", { class: "picker-summary" });
  const button = el("button", {
    type: "button", class: "picker-button", role: "combobox", "aria-haspopup": "listbox", "aria-expanded": "false",
    "aria-controls": listId, "aria-label": label, disabled, dataset,
    onclick: () => (isOpen() ? close() : open()), onkeydown: handleKey, onblur: () => close(),
  }, summary, el("span", { class: "picker-arrow", "aria-hidden": "true" }, "⌄"));
  const list = el("ul", {
    class: "options", id: listId, role: "listbox", popover: "manual", "aria-label": label,
    "aria-multiselectable": max > 1, onmousedown: (event) => event.preventDefault(),
  });
  const wrapper = el("div", { class: "picker" }, button, list);
  const items = options.map((option, index) => {
    const item = el("li", { class: "option", role: "option", id: uniqueId("option"), "aria-selected": "false", onclick: () => choose(index) },
      optionContent(option), max > 1 && el("span", { class: "option-check", "aria-hidden": "true" }, "✓"));
    list.append(item);
    return item;
  });
  if (!options.length) list.append(el("li", { class: "option is-empty", role: "option", "aria-disabled": "true" }, "Nothing to choose"));
  showChosen();

  function isOpen() {
    return list.matches(":popover-open");
  }

  function open() {
    if (isOpen() || disabled) return;
    list.showPopover();
    placeBeside(list, button);
    button.setAttribute("aria-expanded", "true");
    window.addEventListener("scroll", followButton, true);
    activate(Math.max(0, options.findIndex((each) => chosen.includes(each.value))));
  }

  function followButton(event) {
    if (event.target !== list) close();
  }

  function close() {
    if (!isOpen()) return;
    list.hidePopover();
    window.removeEventListener("scroll", followButton, true);
    button.setAttribute("aria-expanded", "false");
    button.removeAttribute("aria-activedescendant");
    if (max > 1) apply();
  }

  function activate(index) {
    items[active]?.classList.remove("is-active");
    active = index;
    const item = items[active];
    if (!item) return;
    item.classList.add("is-active");
    item.scrollIntoView({ block: "nearest" });
    button.setAttribute("aria-activedescendant", item.id);
  }

  function choose(index) {
    const value = options[index]?.value;
    if (value === undefined) return;
    if (max > 1) {
      if (chosen.includes(value)) chosen = chosen.filter((each) => each !== value);
      else if (chosen.length < max) chosen = [...chosen, value];
      showChosen();
      activate(index);
      return;
    }
    chosen = min === 0 && chosen.includes(value) ? [] : [value];
    showChosen();
    close();
    apply(true);
  }

  function apply(isForced = false) {
    if (chosen.length < min || (!isForced && chosen.join("\n") === applied)) return;
    applied = chosen.join("\n");
    onchange?.(chosen.slice());
  }

  function showChosen() {
    items.forEach((item, index) => item.setAttribute("aria-selected", String(chosen.includes(options[index].value))));
    const picked = options.filter((each) => chosen.includes(each.value));
    summary.replaceChildren();
    if (picked.length === 1) append(summary, [emojiOf(picked[0]), picked[0].label]);
    else if (picked.length) summary.append(picked.map((each) => each.label).join(", "));
    else summary.append(el("span", { class: "picker-placeholder" }, placeholder ?? "Make a selection"));
  }

  function handleKey(event) {
    const last = options.length - 1;
    if (event.key === "Escape" && isOpen()) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen()) open();
      else activate(event.key === "ArrowDown" ? Math.min(active + 1, last) : Math.max(active - 1, 0));
    } else if (isOpen() && (event.key === "Home" || event.key === "End")) {
      event.preventDefault();
      activate(event.key === "Home" ? 0 : last);
    } else if (isOpen() && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      choose(active);
    } else if (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey) {
      typed = Date.now() - typedAt > 800 ? event.key : typed + event.key;
      typedAt = Date.now();
      const found = options.findIndex((each) => each.label.toLowerCase().startsWith(typed.toLowerCase()));
      if (found !== -1) {
        if (!isOpen()) open();
        activate(found);
      }
    }
  }

  return { element: wrapper, button, get values() { return chosen.slice(); } };
}

const emojiOf = (option) => option.emoji?.name && el("span", { class: "option-emoji", "aria-hidden": "true" }, `${option.emoji.name} `);

/** Return what a line of a list shows: a picture or an emoji, a name, a description. */
export function optionContent(option) {
  return [
    option.image && el("img", { class: "option-image", src: option.image, alt: "" }),
    emojiOf(option),
    el("span", { class: "option-text" }, el("span", { class: "option-label" }, option.label),
      option.description && el("span", { class: "option-description" }, option.description)),
  ];
}

const memberOptions = () => state.places.members.map((id) => {
  const user = state.places.users[id];
  return { value: id, label: user?.name ?? "Unknown", image: user?.avatar, description: user?.bot ? "App" : undefined };
});
const roleOptions = () => Object.entries(state.places.roles).map(([id, role]) => ({ value: id, label: `@${role.name}` }));
const channelOptions = (types) => state.places.channels.filter((each) => each.kind !== "direct" && (!types?.length || types.includes(each.type))).map((each) => ({ value: each.id, label: each.kind === "voice" ? each.name : `#${each.name}` }));

/** Return the options of a menu of a message or a form, whatever it lists: Discord's component types 3 and 5 to 8. */
export function optionsOfMenu(component) {
  switch (component.type) {
    case 5: return memberOptions();
    case 6: return roleOptions();
    case 7: return [...memberOptions(), ...roleOptions()];
    case 8: return channelOptions(component.channel_types);
    default: return component.options ?? [];
  }
}

/** Return what a menu has chosen at first. */
export function defaultsOfMenu(component) {
  if (component.default_values) return component.default_values.map((each) => String(each.id));
  return (component.options ?? []).filter((each) => each.default).map((each) => each.value);
}

/** Return what can be given to an option of a command that takes a member (6), a channel of some types (7), a role (8) or either (9). */
export function optionsOfEntity(type, channelTypes) {
  return { 6: memberOptions, 7: () => channelOptions(channelTypes), 8: roleOptions, 9: () => [...memberOptions(), ...roleOptions()] }[type]();
}
