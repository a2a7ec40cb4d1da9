// What a fault is, and what it makes of a file.

/** The text with the fault in it; null where what it replaces is not there, or not just once. */
export function planted(text, { from, to, append }) {
  if (append !== undefined) return `${text}${append}\n`;
  return text.split(from).length === 2 && from !== to ? text.replace(from, () => to) : null;
}
