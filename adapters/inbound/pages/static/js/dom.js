// DOM helpers of the view. Text is always set as text, never as markup (no XSS).

export const byId = (id) => document.getElementById(id);

const calm = matchMedia('(prefers-reduced-motion: reduce)');

/** `el('li', {class: 'x', 'data-id': 7}, 'text', child)`; null attributes are omitted. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Sets a text; flashes briefly if it replaces another one. */
export function setText(element, text) {
  const before = element.textContent;
  if (before === text) return;
  element.textContent = text;
  if (before && before !== '–' && !calm.matches) {
    const flash = { backgroundColor: '#f0b84a66' };
    element.animate([flash, { backgroundColor: 'transparent' }], 900);
  }
}
