// Search in the page: titles, headings, kernels and reports of index.js, which is a script and no file to be fetched, so
// that it works from a disk, too.

const input = document.getElementById('search');
const list = document.getElementById('found');
const root = document.documentElement.dataset.root;
const MOST = 12;

/** What has all words, first what begins with them, then what has them where a word begins; shorter ones first. */
function find(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const rank = (title) =>
    title.startsWith(words[0]) ? 0 : words.every((word) => ` ${title}`.includes(` ${word}`)) ? 1 : 2;
  return globalThis.PLACES.map((place) => ({
    place,
    title: place[0].toLowerCase(),
    all: place.join(' ').toLowerCase(),
  }))
    .filter(({ all }) => words.every((word) => all.includes(word)))
    .sort((a, b) => rank(a.title) - rank(b.title) || a.title.length - b.title.length)
    .slice(0, MOST)
    .map(({ place }) => place);
}

function show() {
  const found = find(input.value);
  list.replaceChildren(
    ...found.map(([title, path, part]) => {
      const item = document.createElement('li');
      const link = document.createElement('a');
      const small = document.createElement('small');
      link.href = root + path;
      link.textContent = title;
      small.textContent = part;
      link.append(' ', small);
      item.append(link);
      return item;
    }),
  );
  if (!found.length && input.value.trim()) {
    const item = document.createElement('li');
    item.textContent = 'Nothing has these words.';
    list.append(item);
  }
  list.hidden = !input.value.trim();
}

input.addEventListener('input', show);
document.addEventListener('keydown', (event) => {
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? '');
  if (event.key === '/' && !typing) {
    event.preventDefault();
    input.focus();
  }
  if (event.key === 'Escape') list.hidden = true;
  const links = [...list.querySelectorAll('a')];
  const at = links.indexOf(document.activeElement);
  if (event.key === 'Enter' && document.activeElement === input) links[0]?.click();
  if (links.length && !list.hidden && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
    if (at < 0 && document.activeElement !== input) return;
    event.preventDefault();
    const next = at + (event.key === 'ArrowDown' ? 1 : -1);
    (links[next] ?? input).focus();
  }
});
