// Markdown as HTML: headings with anchors, links of the repository as links of the site.

import { posix } from 'node:path';
import { Marked } from 'marked';
import { anchorOf, block, escape } from './words.ts';

/** A heading of a page. */
export interface Heading {
  readonly title: string;
  readonly anchor: string;
  readonly depth: number;
}

/** Where a file of the repository is found from a page; null: nowhere in the site. */
export type Finder = (file: string) => string | null;

/** The HTML of a Markdown file of the repository, and its headings. */
export function htmlOf(text: string, file: string, find: Finder): { html: string; headings: Heading[] } {
  const headings: Heading[] = [];
  const uses = new Map<string, number>();
  const placeOf = (href: string): string | null => {
    if (/^(https?:|mailto:|#)/.test(href)) return href;
    const [path, anchor] = href.split('#');
    const found = find(posix.join(posix.dirname(file), decodeURIComponent(path)));
    return found && (anchor ? `${found}#${anchor}` : found);
  };
  const markdown = new Marked({
    renderer: {
      heading({ depth, text: raw, tokens }) {
        const title = raw.replaceAll('`', '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
        const wanted = anchorOf(title);
        const count = uses.get(wanted) ?? 0;
        uses.set(wanted, count + 1);
        const anchor = count ? `${wanted}-${count}` : wanted;
        headings.push({ title, anchor, depth });
        return `<h${depth} id="${escape(anchor)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      code: ({ text: code, lang }) => `${block(code, lang)}\n`,
      link({ href, tokens }) {
        const place = placeOf(href);
        const words = this.parser.parseInline(tokens);
        return place ? `<a href="${escape(place)}">${words}</a>` : words;
      },
      image({ href, text: alt }) {
        const place = placeOf(href);
        if (!place) throw new Error(`${file} shows ${href}, which is not there. fix: correct the path.`);
        return `<img src="${escape(place)}" alt="${escape(alt)}">`;
      },
    },
  });
  const html = markdown
    .parse(text)
    .replaceAll('<table>', '<div class="scrolls" tabindex="0"><table>')
    .replaceAll('</table>', '</table></div>')
    .replace(/<th( align="\w+")?><\/th>/g, '<td$1></td>');
  return { html, headings };
}
