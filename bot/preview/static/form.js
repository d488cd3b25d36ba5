// Forms that the bot opens (modals), with every component that they can have.

import { byId, el, toast, uniqueId } from "./dom.js";
import { act } from "./state.js";
import { markdown } from "./markdown.js";
import { defaultsOfMenu, optionsOfMenu, picker } from "./picker.js";

const MENUS = [3, 5, 6, 7, 8];
let opener = null;

/** Show a form; the focus goes back to `from` once it is closed. */
export function openForm(form, from) {
  const dialog = byId("form-dialog");
  opener = from;
  const fields = form.components.map(renderRow).filter(Boolean);
  const failure = el("p", { class: "form-failure", role: "alert" });
  const submit = el("button", { type: "submit", class: "button is-primary" }, "Submit");
  const element = el("form", { method: "dialog", novalidate: true, onsubmit: (event) => { event.preventDefault(); send(); } },
    el("header", { class: "form-head" }, el("h2", { id: "form-title" }, form.title),
      el("button", { type: "button", class: "icon-button", "aria-label": "Close the form", onclick: () => dialog.close() }, "✕")),
    el("div", { class: "form-fields" }, fields.map((each) => each.element), failure),
    el("footer", { class: "form-foot" }, el("button", { type: "button", class: "button is-plain", onclick: () => dialog.close() }, "Cancel"), submit));

  async function send() {
    if (submit.getAttribute("aria-busy")) return;
    failure.textContent = "";
    const controls = fields.filter((each) => each.read);
    const invalid = controls.filter((each) => !each.validate());
    if (invalid.length) {
      invalid[0].focus();
      return;
    }
    submit.setAttribute("aria-busy", "true");
    const values = {};
    for (const each of controls) {
      const value = await each.read();
      if (value !== undefined) values[each.component.custom_id] = { type: each.component.type, value };
    }
    const reply = await act("submit", { form: form.form_id, values });
    submit.removeAttribute("aria-busy");
    if (reply.error) failure.textContent = reply.error;
    else dialog.close();
    if (reply.form) openForm(reply.form, opener);
  }

  dialog.replaceChildren(element);
  dialog.onclose = () => {
    const key = opener?.dataset?.key;
    const target = opener?.isConnected ? opener : key && document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    target?.focus();
  };
  if (!dialog.open) dialog.showModal();
  (fields.find((each) => each.focus) ?? { focus() {} }).focus();
}

/** Return a row of a form: its element, and for a control how to read, check and focus it. */
function renderRow(component) {
  switch (component.type) {
    case 10: return { element: el("div", { class: "markdown" }, markdown(component.content)) };
    case 1: return renderControl(component.components[0], { label: component.components[0].label ?? component.components[0].placeholder });
    case 18: return renderControl(component.component, component);
    default: return renderControl(component, {});
  }
}

function renderControl(component, { label, description }) {
  const id = uniqueId("field");
  const isRequired = component.required ?? (component.type === 4 || MENUS.includes(component.type));
  const error = el("p", { class: "field-error", id: `${id}-error` });
  const hint = description && el("p", { class: "field-description", id: `${id}-hint` }, description);
  const describedBy = [hint && `${id}-hint`, `${id}-error`].filter(Boolean).join(" ");
  const control = makeControl(component, { id, label: label ?? "Field", describedBy });
  const title = label && [label, isRequired && el("span", { class: "required", "aria-hidden": "true" }, " *")];
  const isGroup = [21, 22].includes(component.type);
  const tag = isGroup ? "fieldset" : "div";
  const element = el(tag, { class: "form-field", "aria-describedby": isGroup ? describedBy : undefined },
    component.type === 23 ? null : isGroup ? el("legend", { class: "field-label" }, title) : el("label", { class: "field-label", for: control.labelFor ?? id }, title),
    component.type === 23 ? null : hint, control.element, component.type === 23 ? hint : null, error);
  return {
    component, element, read: control.read, focus: control.focus,
    validate() {
      const problem = control.problem(isRequired);
      error.textContent = problem ?? "";
      control.target?.setAttribute("aria-invalid", String(Boolean(problem)));
      return !problem;
    },
  };
}

function makeControl(component, { id, label, describedBy }) {
  if (component.type === 4) return textControl(component, id, describedBy);
  if (MENUS.includes(component.type)) return menuControl(component, label);
  if (component.type === 21) return choiceControl(component, id, "radio");
  if (component.type === 22) return choiceControl(component, id, "checkbox");
  if (component.type === 23) return checkboxControl(component, id, label, describedBy);
  if (component.type === 19) return fileControl(component, id, describedBy);
  return { element: el("p", {}, "(something that this page can't show)"), problem: () => null };
}

function textControl(component, id, describedBy) {
  const attributes = { id, name: component.custom_id, placeholder: component.placeholder, maxlength: component.max_length, "aria-describedby": describedBy };
  const input = component.style === 2 ? el("textarea", { ...attributes, rows: "4" }) : el("input", { type: "text", autocomplete: "off", ...attributes });
  input.value = component.value ?? "";
  return {
    element: input, target: input, focus: () => input.focus(), read: () => input.value,
    problem(isRequired) {
      if (isRequired && !input.value.trim()) return "Fill this in.";
      if (input.value && component.min_length && input.value.length < component.min_length) return `Write at least ${component.min_length} characters.`;
      return null;
    },
  };
}

function menuControl(component, label) {
  const min = component.min_values ?? 1;
  const menu = picker({
    label, placeholder: component.placeholder, options: optionsOfMenu(component), values: defaultsOfMenu(component),
    min: component.required === false ? 0 : min, max: component.max_values ?? 1, dataset: { key: component.custom_id },
  });
  menu.button.id = uniqueId("menu");
  return {
    element: menu.element, target: menu.button, labelFor: menu.button.id, focus: () => menu.button.focus(), read: () => menu.values,
    problem(isRequired) {
      if (isRequired && !menu.values.length) return "Choose something.";
      return menu.values.length && menu.values.length < min ? `Choose at least ${min}.` : null;
    },
  };
}

function choiceControl(component, id, type) {
  const inputs = (component.options ?? []).map((option, index) => {
    const input = el("input", { type, name: `${id}-${component.custom_id}`, id: `${id}-${index}`, value: option.value });
    input.checked = Boolean(option.default);
    return input;
  });
  const element = el("div", { class: "choices" }, inputs.map((input, index) => {
    const option = component.options[index];
    return el("label", { class: "choice", for: input.id }, input, el("span", { class: "option-text" }, el("span", { class: "option-label" }, option.label), option.description && el("span", { class: "option-description" }, option.description)));
  }));
  const chosen = () => inputs.filter((each) => each.checked).map((each) => each.value);
  return {
    element, focus: () => (inputs.find((each) => each.checked) ?? inputs[0])?.focus(),
    read: () => (type === "radio" ? chosen()[0] : chosen()),
    problem(isRequired) {
      const { min_values: min, max_values: max } = component;
      if (isRequired && !chosen().length) return type === "radio" ? "Choose one." : "Choose at least one.";
      if (min && chosen().length && chosen().length < min) return `Choose at least ${min}.`;
      return max && chosen().length > max ? `Choose at most ${max}.` : null;
    },
  };
}

function checkboxControl(component, id, label, describedBy) {
  const input = el("input", { type: "checkbox", id, name: component.custom_id, "aria-describedby": describedBy });
  input.checked = Boolean(component.default);
  return {
    element: el("label", { class: "choice", for: id }, input, el("span", { class: "option-label" }, label)), target: input,
    focus: () => input.focus(), read: () => input.checked, problem: () => null,
  };
}

function fileControl(component, id, describedBy) {
  const max = component.max_values ?? 1;
  const input = el("input", { type: "file", id, multiple: max > 1, "aria-describedby": describedBy });
  return {
    element: input, target: input, focus: () => input.focus(),
    read: async () => (input.files.length ? Promise.all([...input.files].map(readFile)) : undefined),
    problem(isRequired) {
      if (isRequired && !input.files.length) return "Choose a file.";
      return input.files.length > max ? `Choose at most ${max} files.` : null;
    },
  };
}

/** Return a file's name and its content as base64. */
export function readFile(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve({ name: file.name, data: String(reader.result).replace(/^[^,]*,/, "") });
    reader.onerror = () => {
      toast(`${file.name} can't be read.`);
      reject(reader.error);
    };
    reader.readAsDataURL(file);
  });
}
