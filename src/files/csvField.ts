// Texts as fields of a CSV file.

/** A text in quotes, where it needs them. */
export const csvField = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
