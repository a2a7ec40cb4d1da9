// Texts as HTML, and code with its parts marked: comments, words of the language, types, numbers, strings.

const SIGNS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as HTML. */
export const escape = (text: string): string => text.replace(/[&<>"]/g, (sign) => SIGNS[sign]);

/** The anchor of a heading, as repository hosts make it of its text. */
export const anchorOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/<[^>]*>|[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

const WGSL =
  'const|var|let|fn|struct|for|if|else|return|while|loop|break|continue|switch|case|default|override|' +
  'enable|alias|true|false';
const TYPES = String.raw`(?:vec[234]|mat[234]x[234])(?:[fiuh]|<[^>]*>)?|array|atomic|ptr|[fiu]32|f16|bool`;
const SCRIPT =
  'import|from|export|default|const|let|function|async|await|return|for|of|in|if|else|new|class|extends|' +
  'throw|try|catch|type|interface|as|readonly|true|false|null|undefined|using|typeof|instanceof';

const pattern = (comment: string, words: string, types = '(?!)') =>
  new RegExp(
    String.raw`(?<c>${comment})|(?<s>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|${'`'}(?:\\.|[^\\${'`'}])*${'`'})` +
      String.raw`|(?<a>@\w+)|(?<k>\b(?:${words})\b)|(?<t>\b(?:${types})(?!\w))|(?<n>\b\d[\w.]*)`,
    'g',
  );

const LANGUAGES: Readonly<Record<string, RegExp>> = {
  wgsl: pattern(String.raw`\/\/.*`, WGSL, TYPES),
  ts: pattern(String.raw`\/\/.*|\/\*[^]*?\*\/`, SCRIPT),
  sh: pattern('(?:^|(?<=\\s))#.*', '(?!)'),
  py: pattern('#.*', 'import|from|as|def|return|for|in|with|if|else|class|None|True|False|print'),
};

/** Code as HTML; of a language that is not known it is text. */
export function marked(code: string, language = ''): string {
  const parts = LANGUAGES[language];
  if (!parts) return escape(code);
  let html = '';
  let end = 0;
  for (const found of code.matchAll(parts)) {
    const [kind] = Object.entries(found.groups!).find(([, text]) => text !== undefined)!;
    html += `${escape(code.slice(end, found.index))}<span class="${kind}">${escape(found[0])}</span>`;
    end = found.index + found[0].length;
  }
  return html + escape(code.slice(end));
}

/** A block of code that can be scrolled without a mouse. */
export const block = (code: string, language = ''): string =>
  `<pre tabindex="0"><code>${marked(code.replace(/\n$/, ''), language)}</code></pre>`;
