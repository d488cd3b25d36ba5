// Buttons, menus and layouts of a message, the old rows and Components V2 alike.

import { byId, el } from "./dom.js";
import { markdown, spoiler } from "./markdown.js";
import { defaultsOfMenu, optionsOfMenu, picker } from "./picker.js";

const BUTTON_STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };

/** Return the elements of components. `press(element, kind, body)` is called for what a member does. */
export function renderComponents(components, press) {
  return (components ?? []).map((each) => renderComponent(each, press));
}

function renderComponent(component, press) {
  switch (component.type) {
    case 1: return el("div", { class: "row" }, renderComponents(component.components, press));
    case 2: return renderButton(component, press);
    case 3: case 5: case 6: case 7: case 8: return renderMenu(component, press);
    case 9: return el("div", { class: "section" }, el("div", { class: "section-text" }, renderComponents(component.components, press)), component.accessory && renderComponent(component.accessory, press));
    case 10: return el("div", { class: "markdown" }, markdown(component.content));
    case 11: return hidden(component, picture(component.media, component.description, "thumbnail"));
    case 12: return gallery((component.items ?? []).map((item) => ({ ...item.media, alt: item.description, spoiler: item.spoiler })));
    case 13: return fileLink({ src: component.file?.src, filename: component.name ?? "File", size: component.size });
    case 14: return el("hr", { class: component.divider === false ? "separator is-blank" : "separator", dataset: { spacing: String(component.spacing ?? 1) } });
    case 17: {
      const box = el("div", { class: "container" }, renderComponents(component.components, press));
      if (component.accent_color !== undefined && component.accent_color !== null) box.style.setProperty("--accent", colour(component.accent_color));
      return hidden(component, box);
    }
    default: return el("p", { class: "subtext" }, "(something that this page can't show)");
  }
}

const hidden = (component, node) => (component.spoiler ? spoiler(node) : node);

/** Return Discord's number of a colour as CSS. */
export const colour = (number) => `#${number.toString(16).padStart(6, "0")}`;

function renderButton(component, press) {
  const content = [component.emoji?.name && el("span", { class: "button-emoji", "aria-hidden": component.label ? "true" : undefined }, component.emoji.name), component.label && el("span", {}, component.label)];
  if (component.style === 5) {
    return el("a", { class: "button is-link", href: component.url, target: "_blank", rel: "noreferrer noopener" }, content, el("span", { class: "link-mark", "aria-label": "opens in a new tab", role: "img" }, "↗"));
  }
  const button = el("button", {
    type: "button", class: `button is-${BUTTON_STYLES[component.style] ?? "secondary"}`, disabled: component.disabled,
    dataset: { key: component.custom_id },
    onclick: () => press(button, "click", { custom_id: component.custom_id }),
  }, content);
  return button;
}

function renderMenu(component, press) {
  const menu = picker({
    label: component.placeholder ?? "Menu", placeholder: component.placeholder, options: optionsOfMenu(component),
    values: defaultsOfMenu(component), min: component.min_values ?? 1, max: component.max_values ?? 1,
    disabled: component.disabled, dataset: { key: component.custom_id },
    onchange: (values) => press(menu.button, "select", { custom_id: component.custom_id, component_type: component.type, values }),
  });
  return menu.element;
}

/** Return a picture that opens larger when it is pressed. */
export function picture(media, alt, className = "") {
  if (!media?.src) return el("span", { class: `picture is-missing ${className}`, role: "img", "aria-label": alt || "A picture on the network, not loaded" });
  const size = media.width && media.height ? { width: media.width, height: media.height } : {};
  return el("button", { type: "button", class: `picture ${className}`, "aria-label": `Enlarge: ${alt || "picture"}`, onclick: () => enlarge(media.src, alt) },
    el("img", { src: media.src, alt: alt || "", ...size }));
}

function enlarge(src, alt) {
  const dialog = byId("picture-dialog");
  dialog.replaceChildren(
    el("img", { src, alt: alt || "" }),
    el("p", { class: "picture-caption" }, alt || ""),
    el("button", { type: "button", class: "icon-button picture-close", "aria-label": "Close", onclick: () => dialog.close() }, "✕"),
  );
  dialog.onclick = (event) => event.target === dialog && dialog.close();
  dialog.showModal();
}

/** Return several pictures side by side. */
export function gallery(items) {
  return el("div", { class: "gallery", dataset: { count: String(Math.min(items.length, 10)) } },
    items.map((item) => {
      const shown = picture(item, item.alt);
      return item.spoiler ? spoiler(shown) : shown;
    }));
}

/** Return a link that saves a file. */
export function fileLink({ src, filename, size }) {
  const kilobytes = size === undefined ? "" : size < 1024 ? `${size} bytes` : size < 1048576 ? `${(size / 1024).toFixed(1)} KB` : `${(size / 1048576).toFixed(1)} MB`;
  return el("a", { class: "file", href: src ?? "#", download: filename }, el("span", { class: "icon is-file", "aria-hidden": "true" }), el("span", { class: "file-name" }, filename), el("span", { class: "file-size" }, kilobytes));
}
