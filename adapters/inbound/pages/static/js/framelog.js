// The list of raw frames, newest first. The JSON of an entry is rendered when it is first opened.

import { el } from './dom.js';
import { gist } from './words.js';

const MOST_FRAMES = 200;
const MOST_OWN = 2000;

export function createFrameLog(list) {
  const own = new Set(); // ids of events caused by requests of this page, oldest first

  function add(frame, verdict, at = new Date()) {
    list.prepend(entry(frame, verdict, at, own.has(frame.id)));
    while (list.children.length > MOST_FRAMES) list.lastElementChild.remove();
  }

  /** Marks events as our own. The answer of a request may arrive before or after its events. */
  function claim(events = []) {
    const ids = new Set(events.map((event) => event.id));
    for (const id of ids) own.add(id);
    for (const id of own) {
      if (own.size <= MOST_OWN) break;
      own.delete(id);
    }
    for (const item of list.children) {
      if (ids.has(item.dataset.eventId)) item.dataset.yours = 'true';
    }
  }

  return { add, claim, clear: () => list.replaceChildren() };
}

function entry(frame, verdict, at, yours) {
  const summary = el(
    'summary',
    {},
    el('span', { class: 'frame-type' }, String(frame.type)),
    el('span', { class: 'frame-yours' }, 'yours'), // shown by data-yours
    el('span', { class: 'frame-seq' }, Number.isInteger(frame.seq) ? `#${frame.seq}` : ''),
    el('span', { class: 'frame-gist' }, gist(frame)),
    el('time', { datetime: at.toISOString() }, at.toLocaleTimeString('en-GB')),
  );
  const details = el('details', {}, summary);
  const write = () => details.append(el('pre', { tabindex: 0 }, JSON.stringify(frame, null, 2)));
  details.addEventListener('toggle', write, { once: true });
  return el(
    'li',
    {
      'data-type': frame.type,
      'data-seq': frame.seq,
      'data-event-id': frame.id,
      'data-verdict': verdict,
      'data-yours': yours ? 'true' : null,
    },
    details,
  );
}
