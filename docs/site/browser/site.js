/* The search of the docs site. Its data are loaded as a script when the field is first used: pages opened from disk cannot fetch. */
const MOST_FOUND = 12;
const EXCERPT = 140;
const root = document.documentElement.dataset.root;
const form = document.querySelector('form[role=search]');
const input = form.querySelector('input');
const found = form.querySelector('.found');
const status = found.querySelector('p');
const list = found.querySelector('ol');

/** Makes the index of all sections, once. */
let making;
function index() {
  making ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = `${root}search.js`;
    script.onload = () => {
      const search = new globalThis.MiniSearch({
        fields: ['title', 'page', 'text'],
        storeFields: ['address', 'page', 'title', 'text'],
        searchOptions: {
          boost: { title: 4, page: 2 },
          prefix: (term) => term.length > 2,
          fuzzy: (term) => (term.length > 4 ? 0.2 : false),
          combineWith: 'AND',
        },
      });
      search.addAll(globalThis.searchedSections);
      resolve(search);
    };
    script.onerror = reject;
    document.head.append(script);
  });
  return making;
}

/** The text around the first word that was found, in parts: before, the word, after. */
function excerpt(text, terms) {
  const lower = text.toLowerCase();
  const places = terms.map((term) => [lower.indexOf(term), term.length]).filter(([at]) => at >= 0);
  const [at, length] = places.sort(([a], [b]) => a - b)[0] ?? [0, 0];
  const from = Math.max(0, lower.lastIndexOf(' ', Math.max(0, at - EXCERPT / 3)));
  const to = Math.min(text.length, from + EXCERPT);
  const before = (from > 0 ? '…' : '') + text.slice(from, at);
  return [
    before,
    text.slice(at, at + length),
    text.slice(at + length, to) + (to < text.length ? '…' : ''),
  ];
}

function element(name, ...children) {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

function item({ address, page, title, text, terms }) {
  const link = element('a', element('b', title));
  link.href = root + address;
  if (page !== title) link.append(' ', element('small', page));
  const [before, word, after] = excerpt(text, terms);
  link.append(element('span', before, element('mark', word), after));
  return element('li', link);
}

async function show() {
  const query = input.value.trim();
  found.hidden = query === '';
  if (query === '') return;
  const hits = (await index()).search(query);
  if (query !== input.value.trim()) return;
  const shown = Math.min(hits.length, MOST_FOUND);
  status.textContent =
    hits.length === 0
      ? 'Nothing found'
      : `${shown === hits.length ? '' : `${shown} of `}${hits.length} found`;
  list.replaceChildren(...hits.slice(0, MOST_FOUND).map(item));
}

function close() {
  found.hidden = true;
}

form.hidden = false;
input.addEventListener('focus', () => void index());
input.addEventListener('input', () => void show());
form.addEventListener('submit', (event) => {
  event.preventDefault();
  list.querySelector('a')?.click();
});
list.addEventListener('click', close);
form.addEventListener('focusout', ({ relatedTarget }) => {
  if (relatedTarget !== null && !form.contains(relatedTarget)) close();
});
/** Arrows go through the hits, Escape closes them. */
form.addEventListener('keydown', (event) => {
  const stops = [input, ...list.querySelectorAll('a')];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === 'Escape') {
    close();
    input.focus();
  } else if (step !== undefined && !found.hidden) {
    event.preventDefault();
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
  }
});
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.activeElement.matches('input, textarea, select')) return;
  event.preventDefault();
  input.focus();
});
